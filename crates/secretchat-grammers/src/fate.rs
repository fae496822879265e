//! The fate of a call that the server refuses.

use Fate::{Again, Done, Elsewhere, ForGood, Over};
use Method::{Accept, Discard, Download, Read, Request, Send, Typing, Upload};

use crate::call::Method;
use crate::failure::ServerError;

/// The fate of a call that the server refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fate {
    /// The same call is made again after a pause. The slot of a message keeps its message.
    Again,
    /// The call is given up. The slot of a message gets an empty one, and its sender sees
    /// [`Event::Failed`](secretchat::Event::Failed).
    ForGood,
    /// The chat is over, as if the peer had ended it.
    Over,
    /// The server has done it already, so the call counts as done.
    Done,
    /// Another device of the user has accepted the chat, unless this one has: the answer to its own acceptance may be lost.
    Elsewhere,
}

/// A row of [`FATES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FateRow {
    /// The methods. Empty means all.
    pub methods: &'static [Method],
    /// The codes. Empty means all.
    pub codes: &'static [i32],
    /// The name, without its number. Empty means all.
    pub name: &'static str,
    /// The fate of the call.
    pub fate: Fate,
    /// Where this is written. `docs` is the page of the method on core.telegram.org.
    pub source: &'static str,
}

/// Returns what becomes of a call of this method that failed with this error: the first row of [`FATES`] that fits. An
/// error that no row names is tried again, because a slot that was emptied cannot be filled again.
///
/// ```
/// use secretchat_grammers::{Fate, Method, ServerError, fate};
///
/// assert_eq!(fate(Method::Send, &ServerError::new(400, "MSG_WAIT_FAILED")), Fate::Again);
/// assert_eq!(fate(Method::Send, &ServerError::new(400, "DATA_INVALID")), Fate::ForGood);
/// assert_eq!(fate(Method::Send, &ServerError::new(403, "USER_IS_BLOCKED")), Fate::Over);
/// ```
#[must_use]
pub fn fate(method: Method, error: &ServerError) -> Fate {
    FATES.iter().find(|row| row.fits(method, error)).map_or(Again, |row| row.fate)
}

impl FateRow {
    fn fits(&self, method: Method, error: &ServerError) -> bool {
        (self.methods.is_empty() || self.methods.contains(&method))
            && (self.codes.is_empty() || self.codes.contains(&error.code()))
            && (self.name.is_empty() || self.name == error.name())
    }
}

const fn row(
    methods: &'static [Method],
    codes: &'static [i32],
    name: &'static str,
    fate: Fate,
    source: &'static str,
) -> FateRow {
    FateRow { methods, codes, name, fate, source }
}

/// Each error that the server is known to give, with the fate of the call. Rows are tried in this order.
pub static FATES: &[FateRow] = &[
    // It is about the order of calls, not about this one.
    row(&[], &[400, 500], "MSG_WAIT_FAILED", Again, "docs: sendEncrypted, sendEncryptedFile, readEncryptedHistory"),
    row(&[], &[420], "FLOOD_WAIT", Again, "docs: api/errors, 420 FLOOD"),
    row(&[], &[420], "FLOOD_PREMIUM_WAIT", Again, "docs: upload.getFile, upload.saveFilePart"),
    row(&[], &[420], "", Again, "docs: api/errors, 420 FLOOD"),
    // Requests. The chat does not exist yet.
    row(&[Request], &[400], "DH_G_A_INVALID", ForGood, "docs: requestEncryption"),
    row(&[Request], &[400], "INPUT_USER_DEACTIVATED", ForGood, "docs: requestEncryption"),
    row(&[Request], &[400], "USER_ID_INVALID", ForGood, "docs: requestEncryption"),
    row(&[Request], &[400, 500], "RANDOM_ID_DUPLICATE", ForGood, "docs: requestEncryption"),
    row(&[Request], &[403], "", ForGood, "docs: requestEncryption (USER_IS_BLOCKED)"),
    // Acceptances.
    row(&[Accept], &[400], "ENCRYPTION_ALREADY_ACCEPTED", Elsewhere, "docs: acceptEncryption"),
    row(&[Accept], &[400], "ENCRYPTION_ALREADY_DECLINED", Over, "docs: acceptEncryption"),
    row(&[Accept], &[400], "DH_G_B_INVALID", Over, "TDLib: every error of an acceptance ends the chat"),
    row(&[Accept], &[400], "ENCRYPTION_OCCUPY_FAILED", Again, "Telethon errors.csv: internal error of the server"),
    // The end. What is already over needs no second one.
    row(&[Discard], &[400], "ENCRYPTION_ALREADY_DECLINED", Done, "docs: discardEncryption"),
    row(&[Discard], &[400], "ENCRYPTION_DECLINED", Done, "docs: sendEncrypted (same meaning)"),
    row(&[Discard], &[400], "ENCRYPTION_ID_INVALID", Done, "docs: discardEncryption"),
    row(&[Discard], &[400], "CHAT_ID_EMPTY", Done, "docs: discardEncryption"),
    row(&[Discard], &[400], "CHAT_ID_INVALID", Done, "docs: acceptEncryption (same meaning)"),
    row(&[Discard], &[403], "", Done, "TDLib on_outbound_send_message_error: 403 is expected of a chat that is over"),
    // Accepted by another device, which is no reason to leave it open.
    row(&[Discard], &[400], "ENCRYPTION_ALREADY_ACCEPTED", Done, "docs: discardEncryption"),
    // Reading and typing are not worth a chat.
    row(&[Read], &[400], "MAX_DATE_INVALID", ForGood, "Telethon errors.csv"),
    row(&[Read, Typing], &[400, 403], "", ForGood, "docs: readEncryptedHistory, setEncryptedTyping (CHAT_ID_INVALID)"),
    // Messages.
    row(&[Accept, Send], &[400], "ENCRYPTION_DECLINED", Over, "docs: sendEncrypted; SPEC ACT-4"),
    row(&[Accept, Send], &[400], "ENCRYPTION_ID_INVALID", Over, "docs: sendEncryptedService"),
    row(&[Accept, Send], &[400], "CHAT_ID_INVALID", Over, "docs: acceptEncryption, sendEncrypted"),
    row(&[Accept, Send], &[403], "", Over, "docs: sendEncryptedService (USER_IS_BLOCKED, USER_DELETED); SPEC ACT-4"),
    // Its answer was lost, and now it comes again.
    row(&[Send], &[400, 500], "RANDOM_ID_DUPLICATE", Done, "docs: sendEncrypted (random_id), api/updates; sendMessage"),
    row(&[Send], &[400], "DATA_INVALID", ForGood, "docs: sendEncrypted"),
    row(&[Send], &[400], "DATA_TOO_LONG", ForGood, "docs: sendEncrypted"),
    row(&[Send], &[400], "ENCRYPTED_MESSAGE_INVALID", ForGood, "Telethon errors.csv"),
    row(&[Send], &[400], "RANDOM_ID_EMPTY", ForGood, "Telethon errors.csv"),
    // The file of a message is not there, and the name in the message cannot be changed.
    row(&[Send], &[400], "FILE_EMTPY", ForGood, "docs: sendEncryptedFile (spelt like this)"),
    row(&[Send], &[400], "FILE_EMPTY", ForGood, "the same, should the spelling be mended"),
    row(&[Send], &[400], "MD5_CHECKSUM_INVALID", ForGood, "docs: sendEncryptedFile"),
    row(&[Send], &[400], "FILE_PART_MISSING", ForGood, "docs: api/files (FILE_PART_X_MISSING)"),
    row(&[Send], &[400], "FILE_PARTS_INVALID", ForGood, "docs: api/files"),
    row(&[Send], &[400], "FILE_PART_LENGTH_INVALID", ForGood, "Telethon errors.csv"),
    row(&[Send], &[400], "FILE_ID_INVALID", ForGood, "docs: api/errors"),
    // Files. The upload or download ends; no slot depends on it yet.
    row(&[Upload], &[400], "FILE_PARTS_INVALID", ForGood, "docs: saveBigFilePart"),
    row(&[Upload], &[400], "FILE_PART_EMPTY", ForGood, "docs: saveFilePart"),
    row(&[Upload], &[400], "FILE_PART_INVALID", ForGood, "docs: saveFilePart"),
    row(&[Upload], &[400], "FILE_PART_SIZE_CHANGED", ForGood, "docs: saveBigFilePart"),
    row(&[Upload], &[400], "FILE_PART_SIZE_INVALID", ForGood, "docs: saveBigFilePart"),
    row(&[Upload], &[400], "FILE_PART_TOO_BIG", ForGood, "docs: saveBigFilePart"),
    row(&[Upload], &[400], "FILE_PART_TOO_SMALL", ForGood, "docs: saveBigFilePart"),
    row(&[Download], &[400], "FILE_ID_INVALID", ForGood, "docs: upload.getFile"),
    row(&[Download], &[400], "LIMIT_INVALID", ForGood, "docs: upload.getFile"),
    row(&[Download], &[400], "LOCATION_INVALID", ForGood, "docs: upload.getFile"),
    row(&[Download], &[400], "OFFSET_INVALID", ForGood, "docs: upload.getFile"),
    // Another data centre has it. The client turns there.
    row(&[], &[303], "", Again, "docs: api/errors, 303 SEE_OTHER"),
    // The account is logged out. Nothing is lost while the user does something about it.
    row(&[], &[401], "", Again, "docs: api/errors, 401 UNAUTHORIZED"),
    row(&[], &[406], "", Again, "docs: api/errors, 406 NOT_ACCEPTABLE"),
    row(&[], &[500, -500, -503], "", Again, "docs: api/errors, 500 INTERNAL and 503 Timeout"),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const METHODS: [Method; 8] = [Request, Accept, Discard, Send, Read, Typing, Upload, Download];

    fn fate_of(method: Method, code: i32, message: &str) -> Fate {
        fate(method, &ServerError::new(code, message))
    }

    /// Written down apart from the table: what the methods' pages list, and what SPEC ACT-4 and the guide say of it.
    #[test]
    fn each_documented_error_has_its_fate() {
        for (method, code, message, expected) in [
            (Send, 400, "MSG_WAIT_FAILED", Again),
            (Send, 500, "MSG_WAIT_FAILED", Again),
            (Read, 400, "MSG_WAIT_FAILED", Again),
            (Send, 420, "FLOOD_WAIT_17", Again),
            (Upload, 420, "FLOOD_PREMIUM_WAIT_3", Again),
            (Send, 420, "SOMETHING_NEW", Again),
            (Request, 400, "DH_G_A_INVALID", ForGood),
            (Request, 400, "INPUT_USER_DEACTIVATED", ForGood),
            (Request, 400, "USER_ID_INVALID", ForGood),
            (Request, 400, "RANDOM_ID_DUPLICATE", ForGood),
            (Request, 403, "USER_IS_BLOCKED", ForGood),
            (Accept, 400, "ENCRYPTION_ALREADY_ACCEPTED", Elsewhere),
            (Accept, 400, "ENCRYPTION_ALREADY_DECLINED", Over),
            (Accept, 400, "DH_G_B_INVALID", Over),
            (Accept, 400, "ENCRYPTION_OCCUPY_FAILED", Again),
            (Accept, 400, "CHAT_ID_INVALID", Over),
            (Discard, 400, "ENCRYPTION_ALREADY_DECLINED", Done),
            (Discard, 400, "ENCRYPTION_ALREADY_ACCEPTED", Done),
            (Discard, 400, "ENCRYPTION_DECLINED", Done),
            (Discard, 400, "ENCRYPTION_ID_INVALID", Done),
            (Discard, 400, "CHAT_ID_EMPTY", Done),
            (Discard, 400, "CHAT_ID_INVALID", Done),
            (Discard, 403, "USER_DELETED", Done),
            (Read, 400, "MAX_DATE_INVALID", ForGood),
            (Read, 400, "CHAT_ID_INVALID", ForGood),
            (Typing, 400, "CHAT_ID_INVALID", ForGood),
            (Typing, 403, "USER_IS_BLOCKED", ForGood),
            (Send, 400, "ENCRYPTION_DECLINED", Over),
            (Send, 400, "ENCRYPTION_ID_INVALID", Over),
            (Send, 400, "CHAT_ID_INVALID", Over),
            (Send, 403, "USER_DELETED", Over),
            (Send, 500, "RANDOM_ID_DUPLICATE", Done),
            (Send, 400, "DATA_INVALID", ForGood),
            (Send, 400, "DATA_TOO_LONG", ForGood),
            (Send, 400, "ENCRYPTED_MESSAGE_INVALID", ForGood),
            (Send, 400, "RANDOM_ID_EMPTY", ForGood),
            (Send, 400, "FILE_EMTPY", ForGood),
            (Send, 400, "FILE_EMPTY", ForGood),
            (Send, 400, "MD5_CHECKSUM_INVALID", ForGood),
            (Send, 400, "FILE_PART_4_MISSING", ForGood),
            (Send, 400, "FILE_PARTS_INVALID", ForGood),
            (Send, 400, "FILE_PART_LENGTH_INVALID", ForGood),
            (Send, 400, "FILE_ID_INVALID", ForGood),
            (Upload, 400, "FILE_PARTS_INVALID", ForGood),
            (Upload, 400, "FILE_PART_EMPTY", ForGood),
            (Upload, 400, "FILE_PART_INVALID", ForGood),
            (Upload, 400, "FILE_PART_SIZE_CHANGED", ForGood),
            (Upload, 400, "FILE_PART_SIZE_INVALID", ForGood),
            (Upload, 400, "FILE_PART_TOO_BIG", ForGood),
            (Upload, 400, "FILE_PART_TOO_SMALL", ForGood),
            (Download, 400, "FILE_ID_INVALID", ForGood),
            (Download, 400, "LIMIT_INVALID", ForGood),
            (Download, 400, "LOCATION_INVALID", ForGood),
            (Download, 400, "OFFSET_INVALID", ForGood),
            (Download, 303, "FILE_MIGRATE_4", Again),
            (Send, 401, "AUTH_KEY_UNREGISTERED", Again),
            (Send, 406, "AUTH_KEY_DUPLICATED", Again),
            (Send, 500, "RPC_CALL_FAIL", Again),
            (Send, -503, "Timeout", Again),
            (Accept, 500, "INTERNAL", Again),
        ] {
            assert_eq!(fate_of(method, code, message), expected, "{method:?} {code} {message}");
        }
    }

    /// Emptying a slot, or ending a chat, cannot be taken back.
    #[test]
    fn an_unknown_error_is_tried_again() {
        for method in METHODS.into_iter().filter(|method| !matches!(method, Read | Typing)) {
            assert_eq!(fate_of(method, 400, "NEVER_SEEN"), Again, "{method:?}");
            assert_eq!(fate_of(method, 404, "NEVER_SEEN"), Again, "{method:?}");
            assert_eq!(fate_of(method, 0, ""), Again, "{method:?}");
        }
    }

    #[test]
    fn each_row_has_a_source_and_is_reached() {
        let mut reached = HashSet::new();
        for (index, row) in FATES.iter().enumerate() {
            assert!(!row.source.is_empty(), "{row:?}");
            let methods = if row.methods.is_empty() { &METHODS } else { row.methods };
            let name = if row.name.is_empty() { "NEVER_SEEN" } else { row.name };
            for (&method, &code) in methods.iter().flat_map(|method| row.codes.iter().map(move |code| (method, code))) {
                let error = ServerError::from_parts(code, name, None);
                let first = FATES.iter().position(|row| row.fits(method, &error));
                if first == Some(index) {
                    reached.insert(index);
                }
            }
        }
        assert_eq!(reached.len(), FATES.len(), "no row hides another");
    }
}
