//! Faults of hosts and transports that are planted, to show that the explorer finds them.

/// What a host or the transport does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A host sends before it writes the batch (SPEC OUT-2).
    SendsBeforeWriting,
    /// A host shows an event before the batch of its group is written, and does not look at ids (SPEC OUT-2, DRV-5).
    ShowsBeforeWriting,
    /// A host goes on although a batch was not written: one of Bob's that sends nothing (SPEC DRV-1).
    LosesABatch,
    /// A host keeps the first bytes of each slot, and sends these for ever (SPEC SEQ-8).
    SendsFirstCopies,
    /// A host never acknowledges (SPEC SEQ-12).
    NeverAcknowledges,
    /// The network never brings slot 1 of Alice.
    LosesASlot,
    /// A host tells the chat a time an hour ago (SPEC DES-8).
    IgnoresTimers,
    /// The transport changes bytes that it brings.
    ChangesBytes,
    /// The transport says that it refused what it brought (SPEC OUT-4).
    RefusesWhatItBrings,
    /// A store keeps rows that were replaced (SPEC DRV-6).
    KeepsReplacedRows,
    /// A process that starts again has other draws than the one that lives on.
    DrawsAnew,
    /// An old client sends before it writes, and forgets what it sent (SPEC SEQ-4).
    ForgetsWhatItSent,
    /// An old client says that it processed what came early (SPEC SEQ-5).
    CountsWhatIsEarly,
    /// An old client says the right name of a new key, and has another one (SPEC REKEY-4).
    DerivesAnotherKey,
    /// An old client never answers a request for a key (SPEC REKEY-3).
    NeverAcceptsAKey,
    /// An old client takes a text as one without a timer (SPEC DES-4).
    DropsTimers,
}
