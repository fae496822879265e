//! Two chats, and a server that brings them together through bytes.

use secretchat::rand_core::UnwrapErr;
use secretchat::store::MemoryStore;
use secretchat::{ChatState, Env, Event, Handled, PeerFault, PeerPolicy, PrimePolicy, StoreKey, Timestamp, TransmitId};
use secretchat_grammers::tl::{Deserializable, Serializable, enums, functions, types};
use secretchat_grammers::{Asking, Call, DhCache, Incoming, Link, ServerDh, TelegramChat, Work};

pub(crate) const KEY: [u8; 32] = [7; 32];
pub(crate) const ALICE: i64 = 1_000;
pub(crate) const BOB: i64 = 2_000;

pub(crate) type Rng = UnwrapErr<getrandom::SysRng>;
pub(crate) type Chat = TelegramChat<MemoryStore>;

pub(crate) fn now(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(1_800_000_000 + seconds)
}

/// What the server gives, through bytes.
pub(crate) fn server_dh(rng: &mut Rng) -> ServerDh {
    let p = secretchat::DhGroup::published(3).unwrap().prime().to_vec();
    let config = types::messages::DhConfig { g: 3, p, version: 1, random: vec![9; 256] };
    let bytes = enums::messages::DhConfig::Config(config).to_bytes();
    let answer = enums::messages::DhConfig::from_bytes(&bytes).unwrap();
    DhCache::default().answer(&answer, PrimePolicy::PublishedOnly, rng).unwrap()
}

/// Reads a call as the server does: the number of the method, then its arguments.
pub(crate) fn as_server<C: Deserializable>(id: u32, bytes: &[u8]) -> C {
    let (method, arguments) = bytes.split_first_chunk().unwrap();
    assert_eq!(u32::from_le_bytes(*method), id);
    C::from_bytes(arguments).unwrap()
}

/// Carries an update as bytes.
pub(crate) fn carried(update: &enums::Update) -> enums::Update {
    enums::Update::from_bytes(&update.to_bytes()).unwrap()
}

/// Two ends of a ready chat, as the server brings them together.
pub(crate) struct Pair {
    pub(crate) rng: Rng,
    pub(crate) alice: Chat,
    pub(crate) bob: Chat,
}

impl Pair {
    pub(crate) fn requested() -> (Rng, Chat, types::EncryptedChatRequested, ServerDh) {
        let mut rng = UnwrapErr(getrandom::SysRng);
        let dh = server_dh(&mut rng);
        let bob = enums::InputUser::User(types::InputUser { user_id: BOB, access_hash: 55 });
        let config = dh.config(PeerPolicy::Default);
        let asking = Asking::new(bob, config, Some(StoreKey::new(KEY)), b"alice's own", env!(&mut rng)).unwrap();

        let call: functions::messages::RequestEncryption = as_server(0xf64d_af43, &asking.call().to_bytes());
        let id = call.random_id;
        assert!(id > 0);
        let waiting =
            types::EncryptedChatWaiting { id, access_hash: 11, date: 0, admin_id: ALICE, participant_id: BOB };
        let chat = asking.answered(&enums::EncryptedChat::Waiting(waiting), env!(&mut rng)).unwrap();
        let alice = TelegramChat::asked(chat, MemoryStore::default()).unwrap();
        assert_eq!(alice.link(), &Link { chat_id: id, access_hash: 11, admin_id: ALICE, participant_id: BOB });
        assert_eq!(alice.own_data(), b"alice's own");
        let requested = types::EncryptedChatRequested {
            folder_id: None,
            id,
            access_hash: 22,
            date: 0,
            admin_id: ALICE,
            participant_id: BOB,
            g_a: call.g_a,
        };
        (rng, alice, requested, dh)
    }

    pub(crate) fn ready() -> Self {
        let (mut rng, mut alice, requested, dh) = Self::requested();
        let config = dh.config(PeerPolicy::Default);
        let store = MemoryStore::default();
        let key = Some(StoreKey::new(KEY));
        let mut bob = TelegramChat::accept(&requested, config, key, b"", store, env!(&mut rng)).unwrap();
        let (_, calls) = work(&mut alice, &mut rng);
        assert!(calls.is_empty(), "the request was made before");

        let (_, calls) = work(&mut bob, &mut rng);
        let [(TransmitId::ACCEPT, accept)] = &calls[..] else { panic!("the acceptance goes first and alone") };
        let call: functions::messages::AcceptEncryption = as_server(0x3dbc_0415, &accept.to_bytes());
        let enums::InputEncryptedChat::Chat(peer) = &call.peer;
        assert_eq!((peer.chat_id, peer.access_hash), (requested.id, 22));
        let chat = |access_hash, g_a_or_b: &[u8]| {
            enums::EncryptedChat::Chat(types::EncryptedChat {
                id: requested.id,
                access_hash,
                date: 0,
                admin_id: ALICE,
                participant_id: BOB,
                g_a_or_b: g_a_or_b.to_vec(),
                key_fingerprint: call.key_fingerprint,
            })
        };
        let answer = accept.answer(&chat(22, &requested.g_a).to_bytes()).unwrap();
        bob.answered(TransmitId::ACCEPT, Ok(answer), env!(&mut rng));

        // An answer under another access hash, or between other users, is not for this chat.
        for wrong in [chat(12, &call.g_b), {
            let enums::EncryptedChat::Chat(right) = chat(11, &call.g_b) else { unreachable!() };
            enums::EncryptedChat::Chat(types::EncryptedChat { participant_id: BOB + 1, ..right })
        }] {
            let update = enums::Update::Encryption(types::UpdateEncryption { chat: wrong, date: 0 });
            assert_eq!(hand(&mut alice, &update, &mut rng), Ok(Handled::Ignored));
            assert_eq!(alice.chat().state(), ChatState::Requested);
        }
        let update = enums::Update::Encryption(types::UpdateEncryption { chat: chat(11, &call.g_b), date: 0 });
        assert_eq!(hand(&mut alice, &update, &mut rng), Ok(Handled::Applied));
        assert_eq!(alice.chat().verification(), bob.chat().verification());
        let mut pair = Self { rng, alice, bob };
        pair.settle();
        assert_eq!((pair.alice.chat().state(), pair.bob.chat().state()), (ChatState::Ready, ChatState::Ready));
        pair
    }

    /// Carries everything both ways until nothing is left. Returns the events of both ends.
    pub(crate) fn settle(&mut self) -> (Vec<Event>, Vec<Event>) {
        let Self { rng, alice, bob } = self;
        let (mut seen_alice, mut seen_bob) = (Vec::new(), Vec::new());
        loop {
            let (events, first) = work(alice, rng);
            seen_alice.extend(events);
            let first = first.len() + deliver(alice, bob, first, rng);
            let (events, second) = work(bob, rng);
            seen_bob.extend(events);
            let second = second.len() + deliver(bob, alice, second, rng);
            if first + second == 0 {
                return (seen_alice, seen_bob);
            }
        }
    }
}

pub(crate) fn hand(chat: &mut Chat, update: &enums::Update, rng: &mut Rng) -> Result<Handled, PeerFault> {
    let update = carried(update);
    chat.update(&Incoming::of_update(&update).unwrap(), env!(rng))
}

pub(crate) fn work(chat: &mut Chat, rng: &mut Rng) -> (Vec<Event>, Vec<(TransmitId, Call)>) {
    let (mut events, mut calls) = (Vec::new(), Vec::new());
    while let Some(work) = chat.next(env!(rng)).unwrap() {
        match work {
            Work::Event(event) => events.push(event),
            Work::Call(id, call) => calls.push((id, call)),
            _ => {}
        }
    }
    (events, calls)
}

/// Does what the server does with calls: answers them, and makes updates of them.
pub(crate) fn deliver(from: &mut Chat, to: &mut Chat, calls: Vec<(TransmitId, Call)>, rng: &mut Rng) -> usize {
    let count = calls.len();
    for (id, call) in calls {
        let (answer, update) = serve(&call, to.link());
        from.answered(id, Ok(call.answer(&answer).unwrap()), env!(rng));
        let _handled = hand(to, &update, rng).unwrap();
    }
    count
}

pub(crate) fn serve(call: &Call, to: &Link) -> (Vec<u8>, enums::Update) {
    let bytes = call.to_bytes();
    let chat_id = to.chat_id;
    let sent = types::messages::SentEncryptedMessage { date: 1_800_000_000 };
    let sent = enums::messages::SentEncryptedMessage::Message(sent).to_bytes();
    let message = |random_id, bytes, file: Option<types::EncryptedFile>, service| {
        let date = 1_800_000_000;
        let message = if service {
            enums::EncryptedMessage::Service(types::EncryptedMessageService { random_id, chat_id, date, bytes })
        } else {
            let file = file.map_or(enums::EncryptedFile::Empty, enums::EncryptedFile::File);
            enums::EncryptedMessage::Message(types::EncryptedMessage { random_id, chat_id, date, bytes, file })
        };
        enums::Update::NewEncryptedMessage(types::UpdateNewEncryptedMessage { message, qts: 1 })
    };
    match call {
        Call::Send(_) => {
            let call: functions::messages::SendEncrypted = as_server(0x44fa_7a15, &bytes);
            (sent, message(call.random_id, call.data, None, false))
        }
        Call::SendService(_) => {
            let call: functions::messages::SendEncryptedService = as_server(0x32d4_39a4, &bytes);
            (sent, message(call.random_id, call.data, None, true))
        }
        Call::SendFile(_) => {
            let call: functions::messages::SendEncryptedFile = as_server(0x5559_481d, &bytes);
            let enums::InputEncryptedFile::Uploaded(file) = &call.file else { panic!("an uploaded file") };
            let key_fingerprint = file.key_fingerprint;
            let kept = types::EncryptedFile { id: 70, access_hash: 71, size: 32, dc_id: 2, key_fingerprint };
            (sent, message(call.random_id, call.data, Some(kept), false))
        }
        Call::Read(_) => {
            let call: functions::messages::ReadEncryptedHistory = as_server(0x7f4b_690a, &bytes);
            let read = types::UpdateEncryptedMessagesRead { chat_id, max_date: call.max_date, date: 1_800_000_000 };
            (true.to_bytes(), enums::Update::EncryptedMessagesRead(read))
        }
        Call::Typing(_) => {
            let call: functions::messages::SetEncryptedTyping = as_server(0x7914_51ed, &bytes);
            assert!(call.typing);
            (true.to_bytes(), enums::Update::EncryptedChatTyping(types::UpdateEncryptedChatTyping { chat_id }))
        }
        Call::Discard(_) => {
            let call: functions::messages::DiscardEncryption = as_server(0xf393_aea0, &bytes);
            assert_eq!(call.chat_id, chat_id);
            let gone = types::EncryptedChatDiscarded { history_deleted: call.delete_history, id: chat_id };
            let chat = enums::EncryptedChat::Discarded(gone);
            (true.to_bytes(), enums::Update::Encryption(types::UpdateEncryption { chat, date: 0 }))
        }
        _ => panic!("another call: {call:?}"),
    }
}

pub(crate) fn texts(events: &[Event]) -> Vec<&str> {
    let texts = events.iter().filter_map(|event| match event {
        Event::Message(message) => Some(message.content.text.as_str()),
        _ => None,
    });
    texts.collect()
}
