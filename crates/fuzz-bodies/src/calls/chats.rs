//! Calls of chats.

use secretchat_ffi::*;

use super::input::{Input, fixed};
use super::{ACCEPT, CIPHERTEXT, DISCARD, TRANSMIT, World, check};
use crate::lend::{bytes, many, one, read, to, to_many};

impl World {
    /// Takes all that one end gives, and carries it to the other.
    pub(super) fn carry(&mut self, which: usize) -> ScStatus {
        while let Some(out) = self.output(which) {
            if out.kind != *TRANSMIT {
                continue;
            }
            let (to_chat, env) = (self.chats[1 - which].as_deref_mut(), self.env.as_deref_mut());
            let content = read(out.bytes);
            let (pointer, len) = (many(&content), content.len());
            let status = match out.what {
                kind if kind == *ACCEPT => sc_chat_accepted(to_chat, env, pointer, len, out.fingerprint, Out::NULL),
                kind if kind == *CIPHERTEXT => {
                    let file = ScIncomingFile { reference: out.file, ..ScIncomingFile::default() };
                    sc_chat_ciphertext(to_chat, env, pointer, len, one(&file), SC_NO_TIME, Out::NULL)
                }
                kind if kind == *DISCARD => {
                    let mac = if out.has_proof == 0 { In::NULL } else { pointer };
                    sc_chat_discarded(to_chat, env, out.history, mac, out.sent, Out::NULL)
                }
                _ => SC_OK,
            };
            check(status);
        }
        SC_OK
    }

    pub(super) fn poll(&mut self, which: usize) -> ScStatus {
        if self.output(which).is_some() {
            return SC_OK;
        }
        let (chat, env) = (self.chats[which].as_deref_mut(), self.env.as_deref_mut());
        sc_chat_handle_timeout(chat, env)
    }

    /// Sends a message or an album.
    pub(super) fn send(&mut self, which: usize, input: &mut Input<'_>) -> ScStatus {
        let texts: [Vec<u8>; 4] = std::array::from_fn(|_| input.text());
        let key = [5; 32];
        let entity = ScEntity {
            kind: input.small(),
            offset: input.long(),
            length: input.long(),
            text: bytes(&texts[1]),
            id: i64::from(input.byte()),
        };
        let medium = ScMedia {
            kind: input.small() % 10,
            document_kind: input.small() % 9,
            has_image_size: input.byte(),
            width: input.long(),
            height: input.long(),
            duration: input.long(),
            size: input.number(),
            key: if input.byte() == 9 { bytes(&texts[1]) } else { bytes(&key) },
            iv: bytes(&key),
            mime_type: bytes(&texts[1]),
            file_name: bytes(&texts[2]),
            thumbnail: bytes(&texts[3]),
            latitude: f64::from(input.byte()) - 100.0,
            url: bytes(&texts[1]),
            ..ScMedia::default()
        };
        let shape = input.byte();
        let draft = ScDraft {
            text: bytes(&texts[0]),
            entities: if shape & 1 == 0 { In::NULL } else { one(&entity) },
            entity_count: [0, 1, 1, usize::MAX][usize::from(shape & 1) + usize::from(shape == 0xff) * 2],
            media: if shape & 2 == 0 { In::NULL } else { one(&medium) },
            file: if shape & 2 == 0 { ScBytes::NONE } else { bytes(&texts[2]) },
            has_ttl: shape >> 2 & 1,
            ttl: input.long(),
            has_reply_to: shape >> 3 & 1,
            reply_to: input.id(self),
            has_random_id: shape >> 4 & 1,
            random_id: input.id(self),
            is_hidden: shape >> 5 & 1,
            is_protected: shape >> 6 & 1,
            ..ScDraft::default()
        };
        let (chat, env) = (self.chats[which].as_deref_mut(), self.env.as_deref_mut());
        let mut ids = [0; 12];
        match input.byte() {
            0 => sc_chat_send(chat, env, In::NULL, Out::NULL),
            count @ 1..=12 => {
                let drafts = vec![draft; count.into()];
                sc_chat_send_album(chat, env, many(&drafts), count.into(), to_many(&mut ids))
            }
            _ => sc_chat_send(chat, env, one(&draft), to(&mut ids[0])),
        }
    }

    /// A message comes, or what should be one.
    pub(super) fn receive(&mut self, which: usize, input: &mut Input<'_>) -> ScStatus {
        let given = input.given(self);
        let reference = input.bytes();
        let file = ScIncomingFile {
            reference: bytes(&reference),
            size: input.number(),
            has_size: input.byte(),
            has_fingerprint: input.byte(),
            ..ScIncomingFile::default()
        };
        let file = if input.flag() { one(&file) } else { In::NULL };
        let (chat, env) = (self.chats[which].as_deref_mut(), self.env.as_deref_mut());
        sc_chat_ciphertext(chat, env, given.pointer(), given.len(), file, input.number(), Out::NULL)
    }

    /// Everything else that the transport may say.
    pub(super) fn hear(&mut self, which: usize, input: &mut Input<'_>) -> ScStatus {
        let (given, mac) = (input.given(self), input.exactly::<32>());
        let (chat, env) = (self.chats[which].as_deref_mut(), self.env.as_deref_mut());
        let mut handled = 0;
        let out = to(&mut handled);
        match input.byte() % 8 {
            0 => sc_chat_accepted(chat, env, given.pointer(), given.len(), 1, out),
            1 => sc_chat_accepted_elsewhere(chat, env, out),
            2 => sc_chat_discarded(chat, env, input.small(), fixed(&mac), input.long(), out),
            3 => sc_chat_discard_receipt(chat, env, fixed(&mac), out),
            4 => sc_chat_carried(chat, env, input.number(), input.number(), out),
            5 => sc_chat_refused(chat, env, input.number(), input.byte(), out),
            6 => sc_chat_peer_read(chat, env, input.number(), input.number(), out),
            _ => sc_chat_peer_typing(chat, env, out),
        }
    }

    /// What the user does with messages.
    pub(super) fn act(&mut self, which: usize, input: &mut Input<'_>) -> ScStatus {
        let (ids, id) = (input.ids(self), input.id(self));
        let count = if input.byte() == 255 { usize::MAX } else { ids.len() };
        let (chat, env) = (self.chats[which].as_deref_mut(), self.env.as_deref_mut());
        let mut notice = ScNotice::default();
        let notice = to(&mut notice);
        match input.byte() % 7 {
            0 => sc_chat_mark_read(chat, env, many(&ids), count, notice),
            1 => sc_chat_mark_read_up_to(chat, env, input.number()),
            2 => sc_chat_open_view(chat, env, id, notice),
            3 => sc_chat_close_view(chat, env, id),
            4 => sc_chat_report_screenshot(chat, env, many(&ids), count),
            5 => sc_chat_delete(chat, env, many(&ids), count, notice),
            _ => sc_chat_flush_history(chat, env, notice),
        }
    }

    /// What the user or the program does with the chat.
    pub(super) fn tell(&mut self, which: usize, input: &mut Input<'_>) -> ScStatus {
        let (chat, env) = (self.chats[which].as_deref_mut(), self.env.as_deref_mut());
        match input.byte() % 9 {
            0 => sc_chat_set_ttl(chat, env, input.long()),
            1 => sc_chat_typing(chat, env, input.small()),
            2 => sc_chat_announce_layer(chat, env, i32::from(input.byte())),
            3 => sc_chat_rekey(chat, env),
            4 => sc_chat_acknowledge(chat, env),
            5 => sc_chat_retransmit(chat, env),
            6 => sc_chat_accept_again(chat, env),
            7 => sc_chat_forget_exporter(chat, env),
            _ => sc_chat_close(chat, env, input.small()),
        }
    }

    /// What the users compare.
    pub(super) fn verify(&mut self, which: usize, input: &mut Input<'_>) -> ScStatus {
        let (given, value) = (input.given(self), input.exactly::<SC_VERIFICATION_LEN>());
        let (chat, env) = (self.chats[which].as_deref_mut(), self.env.as_deref_mut());
        let (mut buffer, mut cells) = (None, [0; SC_PICTURE_SIDE * SC_PICTURE_SIDE]);
        let status = match input.byte() % 10 {
            0 => sc_chat_mark_verified(chat, env, fixed(&value)),
            1 => sc_chat_mark_scanned(chat, env, given.pointer(), given.len()),
            2 => sc_chat_clear_verified(chat, env),
            3 => sc_chat_scan_code(chat.as_deref(), to(&mut buffer)),
            4 => sc_verification_words(fixed(&value), to(&mut buffer)),
            5 => sc_verification_hex(fixed(&value), to(&mut buffer)),
            6 => sc_verification_svg(fixed(&value), to(&mut buffer)),
            7 => sc_verification_scan_code(fixed(&value), input.small(), to(&mut buffer)),
            8 => sc_verification_check_scanned(fixed(&value), input.small(), given.pointer(), given.len()),
            _ => sc_verification_cells(fixed(&value), to_many(&mut cells)),
        };
        self.keep_buffer(buffer);
        status
    }

    pub(super) fn peek(&mut self, which: usize, input: &mut Input<'_>) -> ScStatus {
        let given = input.given(self);
        let mut preview = ScPreview::default();
        let status = if input.flag() {
            sc_chat_peek(self.chats[which].as_deref_mut(), given.pointer(), given.len(), to(&mut preview))
        } else {
            sc_peeker_peek(self.peeker.as_deref_mut(), given.pointer(), given.len(), to(&mut preview))
        };
        for lent in [preview.text, preview.media, sc_peeker_host_data(self.peeker.as_deref())] {
            _ = read(lent);
        }
        status
    }

    /// Asks a chat, which changes nothing.
    pub(super) fn ask(&mut self, which: usize, input: &mut Input<'_>) -> ScStatus {
        let (id, label, context) = (input.id(self), input.bytes(), input.bytes());
        let chat = self.chats[which].as_deref();
        let (mut buffer, mut secret) = (None, [0; 100]);
        for lent in [sc_chat_file_of(chat, id), sc_chat_unacknowledged_file(chat, input.len()), sc_chat_host_data(chat)]
        {
            _ = read(lent);
        }
        _ = (sc_chat_holds(chat, id), sc_chat_deadline(chat, id), sc_chat_profile(chat), sc_chat_timeout(chat));
        let status = match input.byte() % 4 {
            0 => sc_chat_diagnosis(chat, to(&mut buffer)),
            1 => sc_chat_outcome(chat, input.len(), to(&mut ScOutcome::default())),
            2 => sc_chat_position(chat, id, to(&mut ScPosition::default())),
            _ => {
                // It is told of more room than there is only where it writes none.
                let len = input.len();
                let len = if len > 100 { usize::MAX } else { len };
                let label_len = if input.byte() == 255 { usize::MAX } else { label.len() };
                let context_len = context.len();
                sc_chat_export(chat, many(&label), label_len, many(&context), context_len, to_many(&mut secret), len)
            }
        };
        self.keep_buffer(buffer);
        status
    }
}
