//! Calls of frames, and of the environment.

use secretchat_ffi::*;

use super::World;
use super::input::Input;
use crate::lend::{bytes, many, one, read, to, to_many};

impl World {
    /// Frames, alone and in a stream.
    pub(super) fn frame(&mut self, which: usize, input: &mut Input<'_>) -> ScStatus {
        let given = input.given(self);
        let (mut frame, mut buffer, mut taken) = (ScFrame::default(), None, 0);
        let status = match input.byte() % 7 {
            0 => {
                let content = input.bytes();
                let frame = ScFrame {
                    kind: input.small(),
                    history: input.small(),
                    has_file: input.byte(),
                    has_mac: input.byte(),
                    offset: input.number(),
                    total: input.number(),
                    bytes: bytes(&content),
                    ..frame
                };
                sc_frame_encode(one(&frame), to(&mut buffer))
            }
            1 => sc_chat_frame(self.chats[which].as_deref(), many(&[7; 16]), to(&mut buffer)),
            2 => sc_frame_decode(given.pointer(), given.len(), to(&mut frame)),
            3 => sc_decoder_push(self.decoder.as_deref_mut(), given.pointer(), given.len(), to(&mut taken)),
            4 => sc_decoder_next(self.decoder.as_deref_mut(), to(&mut frame)),
            5 => match self.decoder.take() {
                Some(decoder) => sc_decoder_finish(Some(decoder)),
                None => SC_ERROR_NULL,
            },
            _ => {
                sc_decoder_free(self.decoder.take());
                sc_decoder_new(to(&mut self.decoder))
            }
        };
        assert!(taken <= given.len());
        if frame.kind != SC_FRAME_NONE {
            _ = read(frame.bytes);
            // What was read can be written.
            assert_eq!(sc_frame_encode(one(&frame), to(&mut buffer)), SC_OK);
        }
        self.keep_buffer(buffer);
        status
    }

    /// Frames over small datagrams.
    pub(super) fn datagrams(&mut self, input: &mut Input<'_>) -> ScStatus {
        let given = input.given(self);
        match input.byte() % 6 {
            0 => {
                sc_fragments_free(self.fragments.take());
                sc_fragments_new(given.pointer(), given.len(), input.len(), to(&mut self.fragments))
            }
            1 => {
                let fragments = self.fragments.as_deref();
                let number = input.len().min(sc_fragments_count(fragments));
                let (datagram, id) = (read(sc_fragments_datagram(fragments, number)), read(sc_fragments_id(fragments)));
                assert_eq!(id.len(), if fragments.is_some() { SC_FRAME_ID_LEN } else { 0 });
                self.keep(datagram);
                SC_OK
            }
            2 => {
                let bounds =
                    ScFragmentBounds { frames: input.long(), bytes: input.long(), patience_ms: input.number() };
                sc_reassembler_free(self.reassembler.take());
                let bounds = if input.flag() { one(&bounds) } else { In::NULL };
                sc_reassembler_new(bounds, to(&mut self.reassembler))
            }
            3 => {
                let (mut id, mut fragments, mut count) = ([0; SC_FRAME_ID_LEN], [0; 4], 0);
                let reassembler = self.reassembler.as_deref();
                let room = usize::from(input.byte() % 5);
                let (id, fragments) = (to_many(&mut id), to_many(&mut fragments));
                sc_reassembler_missing(reassembler, input.len(), id, fragments, room, to(&mut count))
            }
            _ => {
                let (reassembler, mut frame) = (self.reassembler.as_deref_mut(), ScFrame::default());
                let (pointer, now) = (given.pointer(), input.number());
                let status = sc_reassembler_take(reassembler, pointer, given.len(), now, to(&mut frame));
                _ = read(frame.bytes);
                status
            }
        }
    }

    /// Clocks, randomness and groups.
    pub(super) fn environment(&mut self, input: &mut Input<'_>) -> ScStatus {
        let given = input.given(self);
        let mut random = [0; 16];
        match input.byte() % 9 {
            0..=2 => {
                self.now = self.now.saturating_add(u64::from(input.long()) * 1000);
                sc_env_set_now(self.env.as_deref_mut(), self.now)
            }
            3 => sc_env_set_monotonic(self.env.as_deref_mut(), input.number(), input.number()),
            4 => sc_env_clear_monotonic(self.env.as_deref_mut()),
            5 => {
                let mut made = None;
                let status = sc_env_from_bytes(given.pointer(), given.len(), to(&mut made));
                if made.is_some() {
                    sc_env_free(std::mem::replace(&mut self.env, made));
                    _ = sc_env_set_now(self.env.as_deref_mut(), self.now);
                }
                status
            }
            6 => sc_env_add_bytes(self.env.as_deref_mut(), given.pointer(), given.len()),
            7 => {
                let len = if input.byte() == 255 { usize::MAX } else { 16 };
                sc_env_fill(self.env.as_deref_mut(), to_many(&mut random), len)
            }
            _ => {
                sc_group_free(self.group.take());
                // A prime that is not known would be checked for long.
                let (generator, env) = (input.long(), self.env.as_deref_mut());
                sc_group_check(generator, given.pointer(), given.len(), 0, env, to(&mut self.group))
            }
        }
    }
}
