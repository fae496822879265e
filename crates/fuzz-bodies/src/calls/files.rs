//! Calls of files of media.

use secretchat_ffi::*;

use super::input::{Input, fixed};
use super::{World, check};
use crate::lend::{bytes, many, one, read, to, to_many};

fn profile(input: &mut Input<'_>) -> u16 {
    u16::from(input.byte()) % 5
}

impl World {
    /// Whole files, with keys, chats and leases.
    pub(super) fn whole_file(&mut self, which: usize, input: &mut Input<'_>) -> ScStatus {
        let given = input.given(self);
        let (profile, size) = (profile(input), input.number());
        let mut buffer = None;
        let status = match input.byte() % 7 {
            0 => {
                sc_media_key_free(self.key.take());
                let (env, key) = (self.env.as_deref_mut(), to(&mut self.key));
                sc_media_seal(profile, given.pointer(), given.len(), env, key, to(&mut buffer))
            }
            1 => sc_media_open(self.key.as_deref(), size, given.pointer(), given.len(), to(&mut buffer)),
            2 => {
                let parts = [input.exactly::<32>(), input.exactly::<32>()];
                sc_media_key_free(self.key.take());
                sc_media_key_from_parts(profile, fixed(&parts[0]), fixed(&parts[1]), to(&mut self.key))
            }
            3 => {
                let key = [read(sc_media_key_key(self.key.as_deref())), read(sc_media_key_iv(self.key.as_deref()))];
                let medium = ScMedia { size, key: bytes(&key[0]), iv: bytes(&key[1]), ..ScMedia::default() };
                let chat = self.chats[which].as_deref();
                sc_chat_open_media(chat, one(&medium), given.pointer(), given.len(), to(&mut buffer))
            }
            4 => sc_lease_open(self.lease.as_deref(), given.pointer(), given.len(), to(&mut buffer)),
            5 => {
                sc_decryptor_free(self.decryptor.take());
                sc_lease_decryptor(self.lease.as_deref(), to(&mut self.decryptor))
            }
            _ => {
                let mut info = ScLeaseInfo::default();
                let status = sc_lease_info(self.lease.as_deref(), to(&mut info));
                _ = read(info.thumbnail);
                _ = read(sc_lease_hazmat_key(self.lease.as_deref()));
                _ = read(sc_lease_hazmat_iv(self.lease.as_deref()));
                status
            }
        };
        self.keep_buffer(buffer);
        status
    }

    /// Files as streams.
    pub(super) fn stream(&mut self, input: &mut Input<'_>) -> ScStatus {
        let given = input.given(self);
        let (mut taken, mut part, mut key) = (0, ScBytes::NONE, None);
        let (pointer, len) = (given.pointer(), given.len());
        let status = match input.byte() % 9 {
            0 => {
                sc_encryptor_free(self.encryptor.take());
                let (profile, size) = (profile(input), input.number());
                sc_encryptor_new(profile, size, self.env.as_deref_mut(), to(&mut self.encryptor))
            }
            1 => {
                sc_decryptor_free(self.decryptor.take());
                sc_decryptor_new(self.key.as_deref(), input.number(), to(&mut self.decryptor))
            }
            2 | 3 => sc_encryptor_update(self.encryptor.as_deref_mut(), pointer, len, to(&mut taken), to(&mut part)),
            4 | 5 => sc_decryptor_update(self.decryptor.as_deref_mut(), pointer, len, to(&mut taken), to(&mut part)),
            6 => sc_encryptor_key(self.encryptor.as_deref(), to(&mut key)),
            7 => sc_encryptor_finish(self.encryptor.as_deref_mut(), to(&mut key)),
            _ => sc_decryptor_finish(self.decryptor.as_deref_mut()),
        };
        assert!(taken <= len);
        let part = read(part);
        if !part.is_empty() {
            self.keep(part);
        }
        if key.is_some() {
            sc_media_key_free(std::mem::replace(&mut self.key, key));
        }
        let mut progress = ScProgress::default();
        _ = sc_encryptor_progress(self.encryptor.as_deref(), to(&mut progress));
        assert!(progress.done <= progress.total);
        _ = sc_decryptor_progress(self.decryptor.as_deref(), to(&mut progress));
        assert!(progress.done <= progress.total);
        status
    }

    /// Files that go on after an interruption.
    pub(super) fn resume(&mut self, input: &mut Input<'_>) -> ScStatus {
        let given = input.given(self);
        let host = input.exactly::<SC_RESUME_KEY_LEN>();
        let (mut token, mut place) = ([0; SC_RESUME_TOKEN_LEN], 0);
        let host_key = fixed(&host);
        let status = match input.byte() % 11 {
            0 => {
                sc_plan_free(self.plan.take());
                let (profile, size) = (profile(input), input.number());
                sc_plan_new(profile, size, self.env.as_deref_mut(), to(&mut self.plan))
            }
            1 => sc_plan_take(self.plan.as_deref_mut(), given.pointer(), given.len()),
            2 => {
                sc_encryptor_free(self.encryptor.take());
                let (plan, env) = (self.plan.as_deref_mut(), self.env.as_deref_mut());
                sc_plan_finish(plan, host_key, env, to(&mut self.encryptor), to_many(&mut token))
            }
            3 => {
                let (encryptor, env) = (self.encryptor.as_deref(), self.env.as_deref_mut());
                sc_encryptor_token(encryptor, host_key, env, to_many(&mut token))
            }
            4 => {
                let (decryptor, env) = (self.decryptor.as_deref(), self.env.as_deref_mut());
                sc_decryptor_token(decryptor, host_key, env, to_many(&mut token))
            }
            5 => {
                sc_decryptor_free(self.decryptor.take());
                sc_decryptor_new_resumable(self.key.as_deref(), input.number(), to(&mut self.decryptor))
            }
            6 | 7 => {
                sc_resuming_free(self.resuming.take());
                let (key, size, out) = (self.key.as_deref(), input.number(), to(&mut self.resuming));
                let (pointer, len) = (given.pointer(), given.len());
                if input.flag() {
                    sc_encryptor_resume(key, size, pointer, len, host_key, out)
                } else {
                    sc_decryptor_resume(key, size, pointer, len, host_key, out)
                }
            }
            8 => sc_resuming_check(self.resuming.as_deref_mut(), given.pointer(), given.len()),
            9 => {
                sc_encryptor_free(self.encryptor.take());
                sc_resuming_encryptor(self.resuming.as_deref_mut(), to(&mut self.encryptor))
            }
            _ => {
                sc_decryptor_free(self.decryptor.take());
                sc_resuming_decryptor(self.resuming.as_deref_mut(), to(&mut self.decryptor))
            }
        };
        if token != [0; SC_RESUME_TOKEN_LEN] {
            self.keep(token.to_vec());
        }
        for status in [
            sc_encryptor_place(self.encryptor.as_deref(), to(&mut place)),
            sc_decryptor_place(self.decryptor.as_deref(), to(&mut place)),
            sc_plan_progress(self.plan.as_deref(), to(&mut ScProgress::default())),
            sc_resuming_progress(self.resuming.as_deref(), to(&mut ScProgress::default())),
        ] {
            check(status);
        }
        _ = sc_resuming_offset(self.resuming.as_deref());
        status
    }

    /// Files in segments, from any place.
    pub(super) fn segments(&mut self, input: &mut Input<'_>) -> ScStatus {
        let given = input.given(self);
        let (opener, number, mut buffer) = (self.opener.as_deref(), input.number(), None);
        let status = match input.byte() % 5 {
            0 => {
                sc_opener_free(self.opener.take());
                let header_len = if given.len() == usize::MAX { usize::MAX } else { SC_SEGMENT_HEADER_LEN };
                let header = given.fixed(SC_SEGMENT_HEADER_LEN);
                sc_opener_new(self.key.as_deref(), number, header, header_len, to(&mut self.opener))
            }
            1 => sc_opener_layout(opener, to(&mut ScLayout::default())),
            2 => sc_opener_segment(opener, number, to(&mut ScSegment::default())),
            3 => sc_opener_verify(opener, number, given.pointer(), given.len()),
            _ => {
                // The segment itself, if it is the file.
                let mut segment = ScSegment::default();
                let stored = given.as_slice();
                if sc_opener_segment(opener, number, to(&mut segment)) == SC_OK {
                    let start = usize::try_from(segment.offset).unwrap_or(usize::MAX);
                    let end = start.saturating_add(usize::try_from(segment.encrypted_len).unwrap_or(usize::MAX));
                    let stored = stored.get(start..end).unwrap_or(stored);
                    sc_opener_open(opener, number, many(stored), stored.len(), to(&mut buffer))
                } else {
                    sc_opener_open(opener, number, given.pointer(), given.len(), to(&mut buffer))
                }
            }
        };
        self.keep_buffer(buffer);
        status
    }
}
