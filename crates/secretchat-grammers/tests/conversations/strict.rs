//! The stand-in refuses what Telegram refuses.
//!
//! Names and codes of the errors are those that the pages of the methods list
//! (<https://core.telegram.org/methods>), unless a comment in the stand-in says otherwise.

use crate::server::{Answer, Connection, Device, Repeated, RpcError, Server, Weather, unpack};
use grammers_tl_types as tl;
use tl::{RemoteCall, enums, functions as f, types};

const NOW: i32 = 1_700_000_000;
const ALICE: i64 = 11;
const BOB: i64 = 22;

/// Public values and messages that are as long as real ones. The server cannot look into them.
fn public(last: u8) -> Vec<u8> {
    [&[0x7f; 255][..], &[last]].concat()
}

fn sealed(blocks: usize) -> Vec<u8> {
    vec![7; 24 + 16 * blocks]
}

struct World {
    server: Server,
    alice: Device,
    phone: Device,
    tablet: Device,
}

/// The two names of a chat.
struct Chat {
    alice: enums::InputEncryptedChat,
    bob: enums::InputEncryptedChat,
}

impl World {
    fn new() -> Self {
        let mut server = Server::new(1, NOW);
        let (alice, phone, tablet) = (server.login(ALICE), server.login(BOB), server.login(BOB));
        Self { server, alice, phone, tablet }
    }

    fn ask<C: RemoteCall>(&mut self, device: Device, call: &C) -> Result<C::Return, (i32, String)> {
        self.server.ask(device, call).map_err(|RpcError { code, name }| (code, name))
    }

    /// The name of the error that a call gets.
    fn refusal<C: RemoteCall>(&mut self, device: Device, call: &C) -> String {
        let Err((code, name)) = self.ask(device, call) else { panic!("it was done") };
        format!("{code} {name}")
    }

    fn updates(&mut self, device: Device) -> Vec<enums::Update> {
        std::iter::from_fn(|| self.server.push(device)).flat_map(|bytes| unpack(&bytes).unwrap()).collect()
    }

    fn request(&mut self) -> f::messages::RequestEncryption {
        let user_id = self.server.contact(ALICE, BOB).into();
        f::messages::RequestEncryption { user_id, random_id: 501, g_a: public(1) }
    }

    fn requested(&mut self) -> Chat {
        let request = self.request();
        let enums::EncryptedChat::Waiting(waiting) = self.ask(self.alice, &request).unwrap() else { panic!("waiting") };
        let updates = self.updates(self.phone);
        let [enums::Update::Encryption(update)] = &updates[..] else { panic!("{} updates", updates.len()) };
        let enums::EncryptedChat::Requested(asked) = &update.chat else { panic!("another state") };
        Chat { alice: name(waiting.id, waiting.access_hash), bob: name(asked.id, asked.access_hash) }
    }

    fn ready(&mut self) -> Chat {
        let chat = self.requested();
        self.ask(self.phone, &accept(&chat)).unwrap();
        self.updates(self.alice);
        self.updates(self.tablet);
        chat
    }

    fn save(&mut self, file_id: i64, part: i32, len: usize) {
        let call = f::upload::SaveFilePart { file_id, file_part: part, bytes: vec![5; len] };
        assert_eq!(self.ask(self.alice, &call), Ok(true));
    }

    fn save_big(&mut self, file_id: i64, part: i32, total: i32, len: usize) -> Result<bool, (i32, String)> {
        let call =
            f::upload::SaveBigFilePart { file_id, file_part: part, file_total_parts: total, bytes: vec![5; len] };
        self.ask(self.alice, &call)
    }
}

fn name(chat_id: i32, access_hash: i64) -> enums::InputEncryptedChat {
    types::InputEncryptedChat { chat_id, access_hash }.into()
}

fn accept(chat: &Chat) -> f::messages::AcceptEncryption {
    f::messages::AcceptEncryption { peer: chat.bob.clone(), g_b: public(2), key_fingerprint: 9 }
}

fn send(peer: &enums::InputEncryptedChat, random_id: i64) -> f::messages::SendEncrypted {
    f::messages::SendEncrypted { silent: false, peer: peer.clone(), random_id, data: sealed(4) }
}

fn send_file(
    peer: &enums::InputEncryptedChat,
    random_id: i64,
    file: impl Into<enums::InputEncryptedFile>,
) -> f::messages::SendEncryptedFile {
    let (peer, data, file) = (peer.clone(), sealed(4), file.into());
    f::messages::SendEncryptedFile { silent: false, peer, random_id, data, file }
}

fn uploaded(id: i64, parts: i32, md5_checksum: &str) -> types::InputEncryptedFileUploaded {
    types::InputEncryptedFileUploaded { id, parts, md5_checksum: md5_checksum.into(), key_fingerprint: 3 }
}

#[test]
fn calls_that_it_does_not_know_or_cannot_read() {
    let mut world = World::new();
    assert_eq!(world.refusal(world.alice, &f::help::GetConfig {}), "400 INPUT_METHOD_INVALID");
    let call = tl::Serializable::to_bytes(&f::messages::GetDhConfig { version: 0, random_length: 256 });
    assert!(world.server.call(world.alice, &call).is_ok());
    for cut in 0..call.len() {
        assert_eq!(world.server.call(world.alice, &call[..cut]), Err(RpcError::bad("INPUT_FETCH_FAIL")));
    }
    let longer = [&call[..], &[0; 4]].concat();
    assert_eq!(world.server.call(world.alice, &longer), Err(RpcError::bad("INPUT_REQUEST_TOO_LONG")));
}

#[test]
fn the_group_and_its_version() {
    let mut world = World::new();
    let ask = |version, random_length| f::messages::GetDhConfig { version, random_length };
    assert_eq!(world.refusal(world.alice, &ask(0, -1)), "400 RANDOM_LENGTH_INVALID");
    assert_eq!(world.refusal(world.alice, &ask(0, 1025)), "400 RANDOM_LENGTH_INVALID");
    let enums::messages::DhConfig::Config(new) = world.ask(world.alice, &ask(0, 256)).unwrap() else { panic!("new") };
    assert_eq!((new.g, new.p.len(), new.random.len()), (3, 256, 256));
    let enums::messages::DhConfig::NotModified(old) = world.ask(world.alice, &ask(new.version, 0)).unwrap() else {
        panic!("known");
    };
    assert_eq!(old.random.len(), 256);
    assert_ne!(old.random, new.random);
}

#[test]
fn requests() {
    let mut world = World::new();
    let good = world.request();
    let wrong_hash = types::InputUser { user_id: BOB, access_hash: 1 };
    let nobody = world.server.contact(ALICE, 33);
    let herself = world.server.contact(ALICE, ALICE);
    for user in [wrong_hash.into(), nobody.into(), herself.into(), enums::InputUser::Empty] {
        let call = f::messages::RequestEncryption { user_id: user, ..good.clone() };
        assert_eq!(world.refusal(world.alice, &call), "400 USER_ID_INVALID");
    }
    // One, and the ends of the range, from <https://core.telegram.org/mtproto/security_guidelines>: 2^1984 is 1 and 248 zeros.
    let lowest = [&[1][..], &[0; 248]].concat();
    for g_a in [vec![], vec![1], vec![0xff; 256], [&[1][..], &public(1)].concat(), vec![0xff; 248]] {
        let call = f::messages::RequestEncryption { g_a, ..good.clone() };
        assert_eq!(world.refusal(world.alice, &call), "400 DH_G_A_INVALID");
    }
    let call = f::messages::RequestEncryption { g_a: lowest, random_id: 0, ..good.clone() };
    assert_eq!(world.refusal(world.alice, &call), "400 RANDOM_ID_EMPTY");
    assert!(world.updates(world.phone).is_empty(), "nobody was told");

    let first = world.ask(world.alice, &good).unwrap();
    assert_eq!(first.id(), 501, "the random id doubles as the id of the chat");
    assert!(world.ask(world.alice, &good) == Ok(first));
    let call = f::messages::RequestEncryption { g_a: public(9), ..good };
    assert_eq!(world.refusal(world.alice, &call), "400 RANDOM_ID_DUPLICATE");
    // Once, on each device.
    assert_eq!((world.updates(world.phone).len(), world.updates(world.tablet).len()), (1, 1));

    world.server.block(BOB, ALICE);
    let call = f::messages::RequestEncryption { random_id: 502, ..world.request() };
    assert_eq!(world.refusal(world.alice, &call), "403 USER_IS_BLOCKED");
    world.server.deactivate(BOB);
    assert_eq!(world.refusal(world.alice, &call), "400 INPUT_USER_DEACTIVATED");
}

#[test]
fn one_device_accepts() {
    let mut world = World::new();
    let chat = world.requested();
    let call = accept(&chat);
    for peer in [name(501, 1), name(502, 1), chat.alice.clone()] {
        let call = f::messages::AcceptEncryption { peer, ..call.clone() };
        assert_eq!(world.refusal(world.phone, &call), "400 CHAT_ID_INVALID");
    }
    let own = f::messages::AcceptEncryption { peer: chat.alice.clone(), ..call.clone() };
    assert_eq!(world.refusal(world.alice, &own), "400 CHAT_ID_INVALID", "her own request");
    let low = f::messages::AcceptEncryption { g_b: vec![1], ..call.clone() };
    assert_eq!(world.refusal(world.phone, &low), "400 DH_G_B_INVALID");
    world.updates(world.tablet);

    let enums::EncryptedChat::Chat(accepted) = world.ask(world.phone, &call).unwrap() else { panic!("a chat") };
    assert_eq!((accepted.g_a_or_b, accepted.key_fingerprint), (public(1), 9));
    let updates = world.updates(world.alice);
    let [enums::Update::Encryption(update)] = &updates[..] else { panic!("{} updates", updates.len()) };
    let enums::EncryptedChat::Chat(told) = &update.chat else { panic!("another state") };
    assert_eq!((&told.g_a_or_b, told.key_fingerprint), (&public(2), 9));
    let updates = world.updates(world.tablet);
    let [enums::Update::Encryption(update)] = &updates[..] else { panic!("{} updates", updates.len()) };
    assert!(matches!(&update.chat, enums::EncryptedChat::Discarded(gone) if gone.id == 501 && !gone.history_deleted));

    assert_eq!(world.refusal(world.tablet, &call), "400 ENCRYPTION_ALREADY_ACCEPTED");
    assert!(world.ask(world.phone, &call).is_ok(), "the same acceptance");
    world.server.rules.accepts_again = false;
    assert_eq!(world.refusal(world.phone, &call), "400 ENCRYPTION_ALREADY_ACCEPTED");
    // The tablet is not in it.
    assert_eq!(world.refusal(world.tablet, &send(&chat.bob, 1)), "400 CHAT_ID_INVALID");
}

#[test]
fn the_end_of_a_chat() {
    let discard = |chat_id, delete_history| f::messages::DiscardEncryption { delete_history, chat_id };
    let mut world = World::new();
    let chat = world.requested();
    world.updates(world.tablet);
    assert_eq!(world.refusal(world.alice, &discard(0, false)), "400 CHAT_ID_EMPTY");
    assert_eq!(world.refusal(world.alice, &discard(7, false)), "400 ENCRYPTION_ID_INVALID");
    assert_eq!(world.ask(world.tablet, &discard(501, true)), Ok(true), "declined");
    for device in [world.alice, world.phone] {
        let updates = world.updates(device);
        let [enums::Update::Encryption(update)] = &updates[..] else { panic!("{} updates", updates.len()) };
        assert!(matches!(&update.chat, enums::EncryptedChat::Discarded(gone) if gone.history_deleted));
    }
    assert_eq!(world.refusal(world.alice, &discard(501, false)), "400 ENCRYPTION_ALREADY_DECLINED");
    assert_eq!(world.refusal(world.phone, &accept(&chat)), "400 ENCRYPTION_ALREADY_DECLINED");

    let mut world = World::new();
    let chat = world.ready();
    assert_eq!(world.refusal(world.tablet, &discard(501, false)), "400 ENCRYPTION_ID_INVALID", "not its chat");
    assert_eq!(world.ask(world.phone, &discard(501, false)), Ok(true));
    assert_eq!(world.updates(world.alice).len(), 1);
    assert!(world.updates(world.tablet).is_empty(), "it knows of no chat");
    let (peer, data) = (chat.alice.clone(), sealed(4));
    let service = f::messages::SendEncryptedService { peer: peer.clone(), random_id: 1, data };
    let read = f::messages::ReadEncryptedHistory { peer: peer.clone(), max_date: NOW };
    let typing = f::messages::SetEncryptedTyping { peer, typing: true };
    assert_eq!(world.refusal(world.alice, &send(&chat.alice, 1)), "400 ENCRYPTION_DECLINED");
    assert_eq!(world.refusal(world.alice, &send_file(&chat.alice, 1, uploaded(1, 1, ""))), "400 ENCRYPTION_DECLINED");
    assert_eq!(world.refusal(world.alice, &service), "400 ENCRYPTION_DECLINED");
    assert_eq!(world.refusal(world.alice, &read), "400 ENCRYPTION_DECLINED");
    assert_eq!(world.refusal(world.alice, &typing), "400 ENCRYPTION_DECLINED");
}

#[test]
fn messages() {
    let mut world = World::new();
    let chat = world.requested();
    assert_eq!(world.refusal(world.alice, &send(&chat.alice, 1)), "400 ENCRYPTION_ID_INVALID", "not ready");
    let mut world = World::new();
    let chat = world.ready();
    assert_eq!(world.refusal(world.alice, &send(&name(501, 1), 1)), "400 CHAT_ID_INVALID");
    assert_eq!(world.refusal(world.alice, &send(&name(502, 1), 1)), "400 CHAT_ID_INVALID");
    assert_eq!(world.refusal(world.phone, &send(&chat.alice, 1)), "400 CHAT_ID_INVALID", "the other's hash");
    assert_eq!(world.refusal(world.alice, &send(&chat.alice, 0)), "400 RANDOM_ID_EMPTY");
    for data in [vec![], vec![7; 40], vec![7; 24 + 33], vec![7; 32]] {
        let call = f::messages::SendEncrypted { data, ..send(&chat.alice, 1) };
        assert_eq!(world.refusal(world.alice, &call), "400 DATA_INVALID");
    }
    let call = f::messages::SendEncrypted { data: sealed(40_000), ..send(&chat.alice, 1) };
    assert_eq!(world.refusal(world.alice, &call), "400 DATA_TOO_LONG");
    let read = |max_date| f::messages::ReadEncryptedHistory { peer: chat.alice.clone(), max_date };
    assert_eq!(world.refusal(world.alice, &read(0)), "400 MAX_DATE_INVALID");
    assert!(world.updates(world.phone).is_empty(), "nothing arrived");

    for (n, random_id) in [(1, 31), (2, 32)] {
        world.server.now += 1;
        let enums::messages::SentEncryptedMessage::Message(sent) =
            world.ask(world.alice, &send(&chat.alice, random_id)).unwrap()
        else {
            panic!("without a file")
        };
        assert_eq!(sent.date, NOW + n);
        let updates = world.updates(world.phone);
        let [enums::Update::NewEncryptedMessage(update)] = &updates[..] else { panic!("{} updates", updates.len()) };
        let enums::EncryptedMessage::Message(message) = &update.message else { panic!("another state") };
        assert_eq!((update.qts, message.random_id, message.chat_id, message.date), (n, random_id, 501, NOW + n));
        assert_eq!(message.bytes, sealed(4));
        assert!(message.file == enums::EncryptedFile::Empty);
    }
    let (peer, data) = (chat.bob.clone(), sealed(9));
    world.ask(world.phone, &f::messages::SendEncryptedService { peer, random_id: 33, data }).unwrap();
    assert!(matches!(
        &world.updates(world.alice)[..],
        [enums::Update::NewEncryptedMessage(update)]
            if update.qts == 1 && matches!(update.message, enums::EncryptedMessage::Service(_))
    ));
    assert_eq!(world.ask(world.alice, &read(NOW)), Ok(true));
    assert!(matches!(
        &world.updates(world.phone)[..],
        [enums::Update::EncryptedMessagesRead(update)] if (update.chat_id, update.max_date, update.date) == (501, NOW, NOW + 2)
    ));
    for typing in [true, false] {
        let peer = chat.bob.clone();
        assert_eq!(world.ask(world.phone, &f::messages::SetEncryptedTyping { peer, typing }), Ok(true));
    }
    assert!(
        matches!(&world.updates(world.alice)[..], [enums::Update::EncryptedChatTyping(update)] if update.chat_id == 501)
    );
    assert!(world.updates(world.tablet).is_empty());
}

#[test]
fn a_random_id_that_was_sent_before() {
    let mut world = World::new();
    let chat = world.ready();
    let first = world.ask(world.alice, &send(&chat.alice, 31)).unwrap();
    assert_eq!((first.date(), world.updates(world.phone).len()), (NOW, 1));
    world.server.now += 9;
    world.server.rules.repeated = Repeated::Swallowed;
    assert!(world.ask(world.alice, &send(&chat.alice, 31)).unwrap() == first, "the first date");
    assert!(world.updates(world.phone).is_empty());
    world.server.rules.repeated = Repeated::Delivered;
    assert_eq!(world.ask(world.alice, &send(&chat.alice, 31)).unwrap().date(), NOW + 9);
    assert_eq!(world.updates(world.phone).len(), 1);
    world.server.rules.repeated = Repeated::Refused;
    assert_eq!(world.refusal(world.alice, &send(&chat.alice, 31)), "500 RANDOM_ID_DUPLICATE");
    assert!(world.ask(world.phone, &send(&chat.bob, 31)).is_ok(), "another user's");
}

#[test]
fn parts() {
    let mut world = World::new();
    let small = |file_part, len| f::upload::SaveFilePart { file_id: 1, file_part, bytes: vec![5; len] };
    assert_eq!(world.refusal(world.alice, &small(-1, 1024)), "400 FILE_PART_INVALID");
    assert_eq!(world.refusal(world.alice, &small(4000, 1024)), "400 FILE_PART_INVALID");
    assert_eq!(world.refusal(world.alice, &small(0, 0)), "400 FILE_PART_EMPTY");
    assert_eq!(world.refusal(world.alice, &small(0, (512 << 10) + 1)), "400 FILE_PART_TOO_BIG");
    let big = |world: &mut World, part, total, len| {
        world.save_big(2, part, total, len).map_err(|(code, name)| format!("{code} {name}"))
    };
    assert_eq!(big(&mut world, 0, 0, 1024), Err("400 FILE_PARTS_INVALID".into()));
    assert_eq!(big(&mut world, 0, 4001, 1024), Err("400 FILE_PARTS_INVALID".into()));
    assert_eq!(big(&mut world, 3, 3, 1024), Err("400 FILE_PART_INVALID".into()));
    assert_eq!(big(&mut world, 0, 3, 1000), Err("400 FILE_PART_SIZE_INVALID".into()));
    assert_eq!(big(&mut world, 0, 3, 3 << 10), Err("400 FILE_PART_SIZE_INVALID".into()));
    assert_eq!(big(&mut world, 0, 3, 2 << 10), Ok(true));
    assert_eq!(big(&mut world, 1, 3, 4 << 10), Err("400 FILE_PART_SIZE_CHANGED".into()));
    assert_eq!(big(&mut world, 2, 3, 3 << 10), Err("400 FILE_PART_SIZE_CHANGED".into()));
    assert_eq!(big(&mut world, 1, 4, 2 << 10), Err("400 FILE_PARTS_INVALID".into()), "another number of parts");
    assert_eq!(big(&mut world, 2, 3, 16), Ok(true), "the last one may be short");
    assert_eq!(big(&mut world, 0, 3, 2 << 10), Ok(true), "again");
}

#[test]
fn files_of_messages() {
    let mut world = World::new();
    let chat = world.ready();
    let refused = |world: &mut World, file: enums::InputEncryptedFile| {
        world.refusal(world.alice, &send_file(&chat.alice, 39, file))
    };
    assert_eq!(refused(&mut world, enums::InputEncryptedFile::Empty), "400 FILE_EMTPY");
    assert_eq!(refused(&mut world, uploaded(1, 0, "").into()), "400 FILE_PARTS_INVALID");
    assert_eq!(refused(&mut world, uploaded(1, 4001, "").into()), "400 FILE_PARTS_INVALID");
    assert_eq!(refused(&mut world, uploaded(1, 1, "").into()), "400 FILE_PART_0_MISSING");
    world.save(1, 0, 1024);
    world.save(1, 2, 16);
    assert_eq!(refused(&mut world, uploaded(1, 3, "").into()), "400 FILE_PART_1_MISSING");
    assert_eq!(refused(&mut world, uploaded(1, 1, "").into()), "400 FILE_PARTS_INVALID", "fewer than there are");
    world.save(1, 1, 2048);
    assert_eq!(refused(&mut world, uploaded(1, 3, "").into()), "400 FILE_PART_SIZE_INVALID");
    world.save(1, 1, 1024);
    assert_eq!(refused(&mut world, uploaded(1, 3, "00").into()), "400 MD5_CHECKSUM_INVALID");
    let big = types::InputEncryptedFileBigUploaded { id: 1, parts: 3, key_fingerprint: 3 };
    assert_eq!(refused(&mut world, big.into()), "400 FILE_PARTS_INVALID", "not a big one");
    assert_eq!(refused(&mut world, types::InputEncryptedFile { id: 1, access_hash: 1 }.into()), "400 FILE_ID_INVALID");
    assert!(world.server.forget_part(1));
    assert_eq!(refused(&mut world, uploaded(1, 3, "").into()), "400 FILE_PART_1_MISSING", "it was forgotten");
    world.save(1, 1, 1024);
    // md5sum of 2,064 bytes 05.
    let file = uploaded(1, 3, MD5_OF_FIVES);
    let enums::messages::SentEncryptedMessage::SentEncryptedFile(sent) =
        world.ask(world.alice, &send_file(&chat.alice, 40, file.clone())).unwrap()
    else {
        panic!("with a file")
    };
    let enums::EncryptedFile::File(sent) = sent.file else { panic!("a file") };
    assert_eq!((sent.size, sent.key_fingerprint), (2064, 3));
    assert!(world.ask(world.alice, &send_file(&chat.alice, 40, file.clone())).is_ok(), "the same message");
    assert_eq!(world.refusal(world.alice, &send_file(&chat.alice, 41, file)), "400 FILE_PART_0_MISSING", "used up");
    let known = types::InputEncryptedFile { id: sent.id, access_hash: sent.access_hash };
    assert!(world.ask(world.alice, &send_file(&chat.alice, 42, known)).is_ok());
    assert_eq!(world.updates(world.phone).len(), 2);

    // 10 MiB and a bit: only as a big one.
    for part in 0..21 {
        world.save(6, part, 512 << 10);
        assert_eq!(world.save_big(7, part, 21, 512 << 10), Ok(true));
    }
    assert_eq!(refused(&mut world, uploaded(6, 21, "").into()), "400 FILE_PARTS_INVALID");
    let big = types::InputEncryptedFileBigUploaded { id: 7, parts: 21, key_fingerprint: 3 };
    assert!(world.ask(world.alice, &send_file(&chat.alice, 43, big)).is_ok());
}

const MD5_OF_FIVES: &str = "96623d949c5f3939e7dc407ba75b8c83";

#[test]
fn downloads() {
    let mut world = World::new();
    let chat = world.ready();
    for part in 0..5 {
        world.save(1, part, 512 << 10);
    }
    world.ask(world.alice, &send_file(&chat.alice, 40, uploaded(1, 5, ""))).unwrap();
    let updates = world.updates(world.phone);
    let [enums::Update::NewEncryptedMessage(update)] = &updates[..] else { panic!("{} updates", updates.len()) };
    let enums::EncryptedMessage::Message(message) = &update.message else { panic!("another state") };
    let enums::EncryptedFile::File(file) = &message.file else { panic!("no file") };
    let (id, access_hash) = (file.id, file.access_hash);
    let get = |offset, limit| f::upload::GetFile {
        precise: false,
        cdn_supported: false,
        location: types::InputEncryptedFileLocation { id, access_hash }.into(),
        offset,
        limit,
    };
    let location = types::InputEncryptedFileLocation { id, access_hash: 1 }.into();
    assert_eq!(world.refusal(world.phone, &f::upload::GetFile { location, ..get(0, 4096) }), "400 FILE_ID_INVALID");
    let location = enums::InputFileLocation::InputTakeoutFileLocation;
    assert_eq!(world.refusal(world.phone, &f::upload::GetFile { location, ..get(0, 4096) }), "400 LOCATION_INVALID");
    for offset in [-4096, 1, 1024] {
        assert_eq!(world.refusal(world.phone, &get(offset, 4096)), "400 OFFSET_INVALID");
    }
    // Of all multiples of 4 KiB only those that divide a MiB, and never across one.
    for limit in [0, -4096, 1024, 12 << 10, 2 << 20] {
        assert_eq!(world.refusal(world.phone, &get(0, limit)), "400 LIMIT_INVALID");
    }
    assert_eq!(world.refusal(world.phone, &get((1 << 20) - 4096, 8192)), "400 LIMIT_INVALID");
    let precise = |offset, limit| f::upload::GetFile { precise: true, ..get(offset, limit) };
    assert_eq!(world.refusal(world.phone, &precise(1, 1024)), "400 OFFSET_INVALID");
    let lens = [get(0, 1 << 20), get(2 << 20, 1 << 20), get(5 << 19, 4096), get(1 << 40, 4096), precise(1024, 3 << 10)]
        .map(|call| {
            let enums::upload::File::File(file) = world.ask(world.phone, &call).unwrap() else { panic!("a file") };
            file.bytes.len()
        });
    assert_eq!(lens, [1 << 20, 1 << 19, 0, 0, 3 << 10]);
}

#[test]
fn what_was_missed_comes_with_a_difference() {
    let mut world = World::new();
    let chat = world.ready();
    for random_id in 1..=120 {
        world.ask(world.alice, &send(&chat.alice, random_id)).unwrap();
    }
    world.server.reconnect(world.phone);
    let pushed = world.server.push(world.phone).unwrap();
    assert!(unpack(&pushed).is_none() && world.server.push(world.phone).is_none(), "ask for it");
    let get = |pts, date, qts| f::updates::GetDifference {
        pts,
        pts_limit: None,
        pts_total_limit: None,
        date,
        qts,
        qts_limit: None,
    };
    assert_eq!(world.refusal(world.phone, &get(1, 0, 0)), "400 DATE_EMPTY");
    assert_eq!(world.refusal(world.phone, &get(0, NOW, 0)), "400 PERSISTENT_TIMESTAMP_EMPTY");
    assert_eq!(world.refusal(world.phone, &get(-1, NOW, 0)), "400 PERSISTENT_TIMESTAMP_INVALID");
    assert_eq!(world.refusal(world.phone, &get(1, NOW, 121)), "400 PERSISTENT_TIMESTAMP_INVALID");
    assert_eq!(world.refusal(world.phone, &get(1, NOW, -1)), "400 PERSISTENT_TIMESTAMP_INVALID");
    let (mut qts, mut ids) = (0, Vec::new());
    let whole = loop {
        let (messages, state, is_whole) = match world.ask(world.phone, &get(1, NOW, qts)).unwrap() {
            enums::updates::Difference::Slice(slice) => (slice.new_encrypted_messages, slice.intermediate_state, false),
            enums::updates::Difference::Difference(all) => {
                // The request came in this second.
                assert_eq!(all.other_updates.len(), 1);
                (all.new_encrypted_messages, all.state, true)
            }
            _ => panic!("no difference"),
        };
        ids.extend(messages.iter().map(|message| match message {
            enums::EncryptedMessage::Message(message) => message.random_id,
            enums::EncryptedMessage::Service(message) => message.random_id,
        }));
        let enums::updates::State::State(state) = state;
        qts = state.qts;
        if is_whole {
            break state;
        }
    };
    assert_eq!(ids, (1..=120).collect::<Vec<_>>(), "once and in order");
    assert!(world.ask(world.phone, &f::updates::GetState {}) == Ok(whole.into()));
    assert!(matches!(world.ask(world.phone, &get(1, NOW + 1, 120)), Ok(enums::updates::Difference::Empty(_))));

    assert_eq!(world.refusal(world.phone, &f::messages::ReceivedQueue { max_qts: 121 }), "400 MAX_QTS_INVALID");
    world.ask(world.alice, &send(&chat.alice, 121)).unwrap();
    assert_eq!(world.server.unconfirmed(world.phone), 1);
    assert_eq!(world.ask(world.phone, &f::messages::ReceivedQueue { max_qts: 121 }), Ok(vec![121]));
    assert_eq!(world.server.unconfirmed(world.phone), 0);
}

#[test]
fn bad_weather_is_what_the_seed_says() {
    let mut world = World::new();
    let chat = world.ready();
    let call = |random_id| tl::Serializable::to_bytes(&send(&chat.alice, random_id));
    let mut line = Connection::new(world.alice, 3);
    let all = |pick: fn(&mut Weather) -> &mut u64| {
        let mut weather = Weather::default();
        *pick(&mut weather) = 100;
        weather
    };
    line.weather = all(|weather| &mut weather.lost_call);
    assert_eq!(line.call(&mut world.server, &call(1)), Answer::Lost);
    assert!(world.updates(world.phone).is_empty(), "it did not arrive");
    line.weather = all(|weather| &mut weather.lost_answer);
    assert_eq!(line.call(&mut world.server, &call(1)), Answer::Lost);
    assert_eq!(world.updates(world.phone).len(), 1, "it did");
    for (weather, beginning) in [
        (all(|weather| &mut weather.flood), "420 FLOOD_WAIT_"),
        (all(|weather| &mut weather.wait_failed), "400 MSG_WAIT_FAILED"),
        (all(|weather| &mut weather.fault), "500 RPC_CALL_FAIL"),
    ] {
        line.weather = weather;
        let Answer::Error(error) = line.call(&mut world.server, &call(2)) else { panic!("an error") };
        assert!(error.to_string().starts_with(beginning), "{error}");
    }
    assert!(world.updates(world.phone).is_empty());

    let mut line = Connection::new(world.phone, 3);
    let mut arrives = |world: &mut World, weather, random_id| {
        line.weather = weather;
        assert!(world.server.call(world.alice, &call(random_id)).is_ok());
        (line.receive(&mut world.server).len(), line.receive(&mut world.server).len())
    };
    assert_eq!(arrives(&mut world, Weather::default(), 3), (1, 0));
    assert_eq!(arrives(&mut world, all(|weather| &mut weather.lost_update), 4), (0, 0));
    assert_eq!(arrives(&mut world, all(|weather| &mut weather.repeated_update), 5), (1, 1));
    assert_eq!(arrives(&mut world, all(|weather| &mut weather.late_update), 6), (0, 1));
    assert_eq!(arrives(&mut world, all(|weather| &mut weather.restart), 7), (1, 1), "only that there is more");
}
