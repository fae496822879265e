//! The numbers of plain enums in records (SPEC REC-4). A new variant gets a new number. No number is used twice,
//! and none changes.

use crate::chat::model::{Delivery, Kind};
use crate::destruct::Side;
use crate::record::{stored_as, variants};
use crate::rekey::RekeyLimit;
use crate::types::error::{CloseReason, Violation};
use crate::types::id::Role;

variants! { RekeyLimit { 0 Refuse, 1 Tell } }

variants! { Delivery { 0 Queued, 1 Carried, 2 Asked } }

variants! { Kind { 0 Written, 1 Action, 2 Protocol, 3 Read, 4 Deletion, 5 Flush, 6 Screenshot, 7 SetTtl } }

variants! { Side { 0 Received, 1 Sent } }

// These are stored by their public codes, which never change either.
stored_as! {
    Role = u8: |role| byte(role.code()), |code| Role::ALL.iter().find(|role| role.code() == u16::from(code)).copied();
    CloseReason = u8: |reason| byte(reason.code()), CloseReason::of_code;
}

/// A record has one byte for a code.
const fn byte(code: u16) -> u8 {
    let [byte, _] = code.to_le_bytes();
    byte
}

// A reason with a larger code could be written but not read.
const _: () = {
    let mut all = Violation::ALL;
    while let [violation, rest @ ..] = all {
        assert!(violation.code() < 256);
        all = rest;
    }
};

#[cfg(test)]
mod tests {
    use alloc::boxed::Box;
    use alloc::vec::Vec;

    use super::super::{decode_tombstone, encode_tombstone};
    use super::*;
    use crate::chat::model::{Choice, PendingDiscard, Setup, Tombstone};
    use crate::destruct::Notification;
    use crate::profile::{HostData, Identities, Limits, MessagePadding, PeerPolicy, Profile};
    use crate::record::{Decode, Encode, decode_with, encode_with};
    use crate::rekey::RekeyPolicy;
    use crate::types::error::StoreError;
    use crate::types::time::TtlBounds;

    /// Returns every variant with its number.
    fn all<T: Decode>() -> Vec<(u8, T)> {
        (0..=u8::MAX)
            .filter_map(|code| Some((code, decode_with(1, &[1, code], |from| T::decode(from, &())).ok()?)))
            .collect()
    }

    fn code(variant: &impl Encode) -> u8 {
        let [_, code] = encode_with(1, |to| variant.encode(to))[..] else { panic!("one byte") };
        code
    }

    /// Returns the numbers in REC-4 after a word, such as "0 by us, 1 by the peer", up to the next full stop or
    /// colon.
    fn numbers_in_spec(after: &str) -> Vec<u8> {
        let spec = include_str!("../../../SPEC.md");
        let (_, list) = spec.split_once(after).unwrap();
        let list = list.split(['.', ':', '\n']).next().unwrap();
        let numbers = list.split(',').filter(|entry| !entry.contains('+'));
        numbers.map(|entry| entry.split_whitespace().next().unwrap().parse().unwrap()).collect()
    }

    fn tombstone(reason: CloseReason) -> (Setup, Tombstone) {
        let identities = Identities { local_id: (*b"a").into(), peer_id: (*b"b").into(), context: Box::default() };
        let profile = Profile::X25519;
        let limits = Choice::new(Limits::default(), &Limits::USUAL);
        let rekey = Choice::new(RekeyPolicy::x25519(), &profile.rules().rekey);
        let setup = Setup {
            profile,
            role: Role::Initiator,
            identities,
            limits,
            rekey,
            view_once: false,
            ttl_bounds: TtlBounds::default(),
            host_data: HostData::default(),
            server_random: None,
            exporter: false,
            message_padding: MessagePadding::default(),
            notification_cap: Notification::default(),
        };
        let discard = Some(PendingDiscard::unproved(true));
        (setup, Tombstone { reason, history: false, receipt: Some([7; 32]), discard })
    }

    #[test]
    fn fa_33_every_reason_comes_back_from_its_record() {
        for violation in Violation::ALL {
            let reason = CloseReason::Violation(*violation);
            assert_eq!(CloseReason::of_code(code(&reason)), Some(reason), "no other reason has its number");
        }
        let reasons = all::<CloseReason>();
        for (number, reason) in &reasons {
            assert_eq!((code(reason), reason.code()), (*number, u16::from(*number)));
            let (setup, tombstone) = tombstone(*reason);
            let record = encode_tombstone(&setup, &tombstone, &[9; 16]);
            let (_, decoded, before) = decode_tombstone(&record).unwrap();
            assert_eq!((decoded, before), (tombstone, [9; 16]));
        }
        // The numbers in the document.
        let numbers: Vec<u8> = reasons.iter().map(|(code, _)| *code).collect();
        let mut expected = numbers_in_spec("\nReasons: ");
        expected.extend(numbers_in_spec("16 + n violation: n = ").iter().map(|n| 16 + n));
        assert_eq!(numbers, expected);
    }

    #[test]
    fn fa_33_a_number_that_no_reason_has_is_damage() {
        let (setup, tombstone) = tombstone(CloseReason::ByUs);
        let record = encode_tombstone(&setup, &tombstone, &[9; 16]);
        // The reason, a flag, the receipt, the Discard with its flag, three receipts, and the tag stand at the end.
        let at = record.len() - (1 + 1 + 33 + 1 + 38 + 3 * 33 + 16);
        let known: Vec<u8> = all::<CloseReason>().iter().map(|(number, _)| *number).collect();
        for number in 0..=u8::MAX {
            let mut plain = record.to_vec();
            plain[at] = number;
            let decoded = decode_tombstone(&plain).map(|(_, tombstone, _)| code(&tombstone.reason));
            assert_eq!(decoded, if known.contains(&number) { Ok(number) } else { Err(StoreError::Damaged) });
        }
    }

    #[test]
    fn fa_33_every_other_number_comes_back() {
        fn come_back<T: Encode + Decode>(expected: usize) {
            let all = all::<T>();
            assert_eq!(all.len(), expected);
            for (number, variant) in all {
                assert_eq!(code(&variant), number);
            }
        }
        come_back::<Role>(2);
        come_back::<PeerPolicy>(3);
        come_back::<RekeyLimit>(2);
        come_back::<Delivery>(3);
        come_back::<Kind>(8);
        come_back::<Side>(2);
    }
}
