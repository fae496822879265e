//! Any calls of the interface, in any order and with any arguments that C may pass: null where there should be something,
//! lengths that are impossible, handles that were used up. None of them is a defect, and an error changes no chat.

mod begin;
mod chats;
mod files;
mod frames;
mod input;

use std::sync::LazyLock;

use secretchat_ffi::*;

use self::input::Input;
use crate::lend::{code, many, pointed, read, read_ids, to, to_many};

static TRANSMIT: LazyLock<u16> = LazyLock::new(|| code("Output", "transmit"));
static REQUEST: LazyLock<u16> = LazyLock::new(|| code("TransmitKind", "request"));
static ACCEPT: LazyLock<u16> = LazyLock::new(|| code("TransmitKind", "accept"));
static CIPHERTEXT: LazyLock<u16> = LazyLock::new(|| code("TransmitKind", "ciphertext"));
static DISCARD: LazyLock<u16> = LazyLock::new(|| code("TransmitKind", "discard"));

/// The most calls of one run.
const MAX_CALLS: usize = 200;
/// The most bytes that are kept to be passed again.
const MAX_KEPT: usize = 40;

/// The handles of a program, each of which may be missing.
#[derive(Default)]
pub(crate) struct World {
    env: Option<Box<ScEnv>>,
    now: u64,
    chats: [Option<Box<ScChat>>; 2],
    /// The records of each chat, as its batches left them.
    rows: [Vec<([u8; SC_RECORD_NAME_LEN], Vec<u8>)>; 2],
    invitation: Option<Box<ScInvitation>>,
    group: Option<Box<ScGroup>>,
    peeker: Option<Box<ScPeeker>>,
    lease: Option<Box<ScLease>>,
    key: Option<Box<ScMediaKey>>,
    encryptor: Option<Box<ScEncryptor>>,
    decryptor: Option<Box<ScDecryptor>>,
    plan: Option<Box<ScPlan>>,
    resuming: Option<Box<ScResuming>>,
    opener: Option<Box<ScOpener>>,
    decoder: Option<Box<ScDecoder>>,
    fragments: Option<Box<ScFragments>>,
    reassembler: Option<Box<ScReassembler>>,
    /// What came out of earlier calls: public values, messages, frames, files, tokens.
    kept: Vec<Vec<u8>>,
    /// The ids of messages that were seen.
    ids: Vec<i64>,
}

/// Makes the calls that the bytes say.
pub(crate) fn run(data: &[u8]) {
    let (mut world, mut input) = (World::default(), Input::new(data));
    world.set_up(&mut input);
    for _ in 0..MAX_CALLS {
        if input.is_over() {
            break;
        }
        let which = usize::from(input.byte() & 1);
        let call = input.byte() % 20;
        // The first one frees a chat before it begins another.
        let before = if call == 0 { None } else { world.chats[which].as_deref().map(state) };
        let status = match call {
            0 => world.begin(&mut input),
            1 | 2 => world.carry(which),
            3 => world.poll(which),
            4 => world.send(which, &mut input),
            5 => world.receive(which, &mut input),
            6 => world.hear(which, &mut input),
            7 => world.act(which, &mut input),
            8 => world.tell(which, &mut input),
            9 => world.verify(which, &mut input),
            10 => world.restore(which, &mut input),
            11 => world.peek(which, &mut input),
            12 => world.ask(which, &mut input),
            13 => world.environment(&mut input),
            14 => world.whole_file(which, &mut input),
            15 => world.stream(&mut input),
            16 => world.resume(&mut input),
            17 => world.segments(&mut input),
            18 => world.frame(which, &mut input),
            _ => world.datagrams(&mut input),
        };
        check(status);
        let after = world.chats[which].as_deref().map(state);
        assert!(status == SC_OK || before.is_none() || before == after, "an error changed the chat");
    }
    world.free();
}

/// An error has a name, and is no defect.
fn check(status: ScStatus) {
    assert_ne!(status, SC_ERROR_PANIC);
    let mut name = [0; 40];
    let len = sc_error_name(status, to_many(&mut name), name.len());
    assert_eq!(status == SC_OK, len == 0, "{status}");
}

/// Shows the state of a chat.
fn state(chat: &ScChat) -> String {
    let mut state = std::mem::MaybeUninit::uninit();
    // SAFETY: the call writes a whole state.
    let state = unsafe {
        assert_eq!(sc_chat_state(Some(chat), Out::new(state.as_mut_ptr())), SC_OK);
        state.assume_init()
    };
    format!("{state:?}")
}

impl World {
    /// Two ends that have met, in most runs.
    fn set_up(&mut self, input: &mut Input<'_>) {
        self.now = 1_700_000_000_000;
        self.env = Some(Box::new(ScEnv::from_fn(input::generator(input.byte()))));
        _ = sc_env_set_now(self.env.as_deref_mut(), self.now);
        if input.byte() != 0 {
            check(self.meet(input));
        }
    }

    fn keep(&mut self, bytes: Vec<u8>) {
        if self.kept.len() == MAX_KEPT {
            self.kept.remove(0);
        }
        self.kept.push(bytes);
    }

    /// Keeps the bytes of a buffer, and frees it.
    fn keep_buffer(&mut self, buffer: Option<Box<ScBuffer>>) {
        if let Some(buffer) = buffer {
            assert_eq!(sc_buffer_len(Some(&buffer)), read(sc_buffer_bytes(Some(&buffer))).len());
            self.keep(read(sc_buffer_bytes(Some(&buffer))));
            sc_buffer_free(Some(buffer));
        }
    }

    /// Takes an output, and reads all that it lends.
    fn output(&mut self, which: usize) -> Option<ScOutput> {
        let mut out = ScOutput::default();
        let status = sc_chat_poll(self.chats[which].as_deref_mut(), to(&mut out));
        if status != SC_OK || out.kind == 0 {
            return None;
        }
        for bytes in [out.bytes, out.file] {
            let bytes = read(bytes);
            if !bytes.is_empty() {
                self.keep(bytes);
            }
        }
        self.ids.extend(read_ids(out.ids).into_iter().chain([out.random_id]).filter(|id| *id != 0));
        self.ids.drain(..self.ids.len().saturating_sub(MAX_KEPT));
        let content = pointed(out.message).map(|message| message.content).or(pointed(out.content));
        if let Some(content) = content {
            input::read_content(&content);
        }
        input::read_files(out.files, out.file_count);
        if let Some(batch) = pointed(out.batch) {
            input::apply(&batch, &mut self.rows[which]);
            let head = self.rows[which].first().map(|(_, value)| value.clone()).unwrap_or_default();
            let mut fits = 0;
            check(sc_chat_batch_fits(self.chats[which].as_deref(), many(&head), head.len(), to(&mut fits)));
            assert!(fits <= 1);
        }
        if out.has_lease != 0 {
            sc_lease_free(self.lease.take());
            check(sc_chat_take_lease(self.chats[which].as_deref_mut(), to(&mut self.lease)));
        }
        Some(out)
    }

    fn free(self) {
        sc_env_free(self.env);
        sc_group_free(self.group);
        sc_invitation_free(self.invitation);
        sc_peeker_free(self.peeker);
        free_chats(self.chats);
        sc_lease_free(self.lease);
        sc_media_key_free(self.key);
        sc_encryptor_free(self.encryptor);
        sc_decryptor_free(self.decryptor);
        sc_plan_free(self.plan);
        sc_resuming_free(self.resuming);
        sc_opener_free(self.opener);
        sc_decoder_free(self.decoder);
        sc_fragments_free(self.fragments);
        sc_reassembler_free(self.reassembler);
    }
}

fn free_chats(chats: [Option<Box<ScChat>>; 2]) {
    chats.into_iter().for_each(|chat| sc_chat_free(chat));
}
