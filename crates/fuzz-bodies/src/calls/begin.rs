//! Calls that begin chats, and those that restore one.

use secretchat_ffi::*;

use super::input::Input;
use super::{REQUEST, TRANSMIT, World};
use crate::lend::{bytes, many, one, read, to};

const STORE_KEY: [u8; 32] = [9; 32];
const NAMES: [&[u8]; 2] = [b"alice", b"bob"];

/// A configuration: the usual one of a profile, and in some runs changed.
fn config(which: usize, input: &mut Input<'_>) -> ScConfig {
    let profile = match input.byte() {
        0 => SC_PROFILE_TELEGRAM,
        kind @ 1..250 => [SC_PROFILE_X25519, SC_PROFILE_HYBRID][usize::from(kind / 200)],
        _ => input.small(),
    };
    let mut config = ScConfig::default();
    _ = sc_config_init(to(&mut config), profile);
    if profile != SC_PROFILE_TELEGRAM {
        (config.local_id, config.peer_id) = (bytes(NAMES[which]), bytes(NAMES[1 - which]));
    }
    let changed = input.byte();
    config.exporter = changed & 1;
    config.small_padding = changed >> 1 & 1;
    config.view_once = changed >> 2 & 1;
    if changed & 8 == 0 {
        config.store_key = bytes(&STORE_KEY);
    }
    if changed & 0x80 != 0 {
        config.peer_policy = input.small();
        config.notification_cap = input.small();
        config.rekey_limit = input.small();
        (config.ttl_shortest, config.ttl_longest) = (input.long(), input.long());
        (config.outbox_messages, config.outbox_bytes) = (input.long(), input.long());
        (config.waiting_messages, config.waiting_span) = (input.long(), input.long());
        (config.rekey_limit_messages, config.rekey_bytes) = (input.long(), input.number());
        (config.rekey_age_ms, config.view_once_ms) = (input.number(), input.number());
        config.layer = i32::from(input.byte());
    }
    config
}

impl World {
    /// Lets two ends meet.
    pub(super) fn meet(&mut self, input: &mut Input<'_>) -> ScStatus {
        let status = self.request(0, input);
        if status != SC_OK {
            return status;
        }
        let mut public = Vec::new();
        while let Some(out) = self.output(0) {
            if (out.kind, out.what) == (*TRANSMIT, *REQUEST) {
                public = read(out.bytes);
            }
        }
        let theirs = config(1, input);
        sc_invitation_free(self.invitation.take());
        let status = sc_invitation_parse(many(&public), public.len(), one(&theirs), to(&mut self.invitation));
        if status != SC_OK {
            return status;
        }
        self.drop_chat(1);
        let status = sc_invitation_accept(self.invitation.as_deref(), self.env.as_deref_mut(), to(&mut self.chats[1]));
        self.carry(1);
        self.carry(0);
        status
    }

    fn request(&mut self, which: usize, input: &mut Input<'_>) -> ScStatus {
        let config = config(which, input);
        self.drop_chat(which);
        sc_chat_request(one(&config), self.env.as_deref_mut(), to(&mut self.chats[which]))
    }

    fn drop_chat(&mut self, which: usize) {
        sc_chat_free(self.chats[which].take());
        self.rows[which].clear();
    }

    /// Begins chats by other ways.
    pub(super) fn begin(&mut self, input: &mut Input<'_>) -> ScStatus {
        match input.byte() % 6 {
            0 => self.meet(input),
            1 => self.request(1, input),
            2 => {
                let public = input.given(self);
                let config = config(1, input);
                sc_invitation_free(self.invitation.take());
                sc_invitation_parse(public.pointer(), public.len(), one(&config), to(&mut self.invitation))
            }
            3 => {
                sc_chat_free(self.chats[1].take());
                self.rows[1].clear();
                sc_invitation_accept(self.invitation.as_deref(), self.env.as_deref_mut(), to(&mut self.chats[1]))
            }
            4 => sc_invitation_decline(self.invitation.as_deref(), to(&mut ScOutput::default())),
            _ => sc_config_check(one(&config(0, input))),
        }
    }

    /// Starts again from records, which may be damaged.
    pub(super) fn restore(&mut self, which: usize, input: &mut Input<'_>) -> ScStatus {
        let mut rows = self.rows[which].clone();
        if let (true, Some(row)) = (input.flag(), rows.len().checked_sub(1)) {
            let (name, value) = &mut rows[usize::from(input.byte()).min(row)];
            name[8] ^= input.byte();
            *value = input.bytes();
        }
        let lent: Vec<ScRow> = rows.iter().map(|(name, value)| ScRow { name: *name, value: bytes(value) }).collect();
        let mut state = std::mem::MaybeUninit::uninit();
        // SAFETY: the call writes a whole state, and it is read only then.
        let id = unsafe {
            match sc_chat_state(self.chats[which].as_deref(), Out::new(state.as_mut_ptr())) {
                SC_OK => state.assume_init().id,
                _ => [0; 16],
            }
        };
        let (id, mut again) = (many(&id), None);
        let expected = ScCheckpoint { generation: input.number(), tag: [0; 16] };
        let expected = if input.byte() == 255 { one(&expected) } else { In::NULL };
        let env = self.env.as_deref_mut();
        let status = sc_chat_restore(id, many(&lent), lent.len(), many(&STORE_KEY), expected, env, to(&mut again));
        sc_peeker_free(self.peeker.take());
        _ = sc_peeker_new(id, many(&lent), lent.len(), many(&STORE_KEY), to(&mut self.peeker));
        if let Some(value) = rows.first().map(|(_, value)| value) {
            _ = sc_checkpoint_of_record(many(value), value.len(), to(&mut ScCheckpoint::default()));
        }
        if again.is_some() {
            sc_chat_free(std::mem::replace(&mut self.chats[which], again));
        }
        status
    }
}
