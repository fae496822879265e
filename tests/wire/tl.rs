//! Reading and writing TL are inverse for every constructor, and whatever is not the one encoding of a value is an error.

use std::collections::{HashMap, HashSet};
use std::fmt::Debug;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use secretchat::hazmat::wire::*;
use serde_json::Value;

use crate::schema_values::{Constructor, Reencode, Visitor, encode, visit_all};

/// Lengths of strings where something changes.
const EDGES: [usize; 12] = [0, 1, 2, 3, 4, 252, 253, 254, 255, 256, 257, 1024];

/// Runs `check` on values; a value says nothing of itself, so the check names what failed.
fn for_values<T: Debug>(cases: u32, constructor: &Constructor<T>, check: impl Fn(T) -> Result<(), TestCaseError>) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    if let Err(error) = TestRunner::new(config).run(&constructor.values, check) {
        panic!("{} of layer {}: {error}", constructor.name, constructor.layer);
    }
}

struct RoundTrips;

impl Visitor for RoundTrips {
    fn visit<T>(&mut self, constructor: Constructor<T>)
    where
        T: Encode + Decode<'static> + Copy + Eq + Debug + 'static,
    {
        let Constructor { id, layer, identify, reencode, .. } = constructor;
        for_values(64, &constructor, |value| {
            let bytes = encode(&value);
            let shown = hex::encode(&bytes);
            prop_assert_eq!(identify(&value), (id, layer));
            prop_assert_eq!(&bytes[..4], id.to_le_bytes());
            prop_assert_eq!(bytes.len() % 4, 0);

            prop_assert_eq!(reencode(&bytes), Ok(bytes.clone()));
            let read = decode_exact::<T>(bytes.leak());
            prop_assert_eq!(read, Ok(value), "{}", shown);
            prop_assert_eq!(read.map(|read| read.encoded_len()), Ok(value.encoded_len()));
            Ok(())
        });
    }
}

#[test]
fn what_is_written_is_read() {
    visit_all(&mut RoundTrips);
}

struct Damage;

impl Visitor for Damage {
    fn visit<T>(&mut self, constructor: Constructor<T>)
    where
        T: Encode + Decode<'static> + Copy + Eq + Debug + 'static,
    {
        let Constructor { reencode, .. } = constructor;
        for_values(4, &constructor, |value| {
            let mut bytes = encode(&value);
            for len in 0..bytes.len() {
                prop_assert!(reencode(&bytes[..len]).is_err(), "{}", hex::encode(&bytes[..len]));
            }
            for i in 0..bytes.len() {
                let original = bytes[i];
                for changed in [original ^ 1, original ^ 0x80, !original, 254] {
                    bytes[i] = changed;
                    if let Ok(again) = reencode(&bytes) {
                        prop_assert_eq!(hex::encode(again), hex::encode(&bytes));
                    }
                }
                bytes[i] = original;
            }
            bytes.extend([0; 4]);
            prop_assert_eq!(reencode(&bytes), Err(DecodeError::TrailingBytes));
            Ok(())
        });
    }
}

#[test]
fn damaged_values_are_errors_or_other_values() {
    visit_all(&mut Damage);
}

/// What all values of a constructor show is the same, so it holds nothing of a field.
struct Silence;

impl Visitor for Silence {
    fn visit<T>(&mut self, constructor: Constructor<T>)
    where
        T: Encode + Decode<'static> + Copy + Eq + Debug + 'static,
    {
        let (mut runner, mut shown) = (TestRunner::deterministic(), HashSet::new());
        for _ in 0..16 {
            let value = constructor.values.new_tree(&mut runner).unwrap().current();
            shown.insert(format!("{value:?}"));
        }
        assert_eq!(shown.len(), 1, "{shown:?}");
    }
}

#[test]
fn debug_shows_no_field() {
    visit_all(&mut Silence);

    let bytes = Bytes::new(b"secret").unwrap();
    let photo = MediaPhoto45 {
        thumb: bytes,
        thumb_w: 90,
        thumb_h: 90,
        w: 1280,
        h: 720,
        size: 77_777,
        key: bytes,
        iv: bytes,
        caption: bytes,
    };
    assert_eq!(format!("{photo:?}"), "MediaPhoto45 { .. }");
    assert_eq!(format!("{:?}", DecryptedMessageMedia::Photo45(photo)), "Photo45(MediaPhoto45 { .. })");
    assert_eq!(format!("{bytes:?}"), "Bytes { .. }");
    assert_eq!(format!("{:?}", Double::from_f64(52.5)), "Double { .. }");
    let vector = Vector::new(&[7_i64]).unwrap();
    assert_eq!(format!("{vector:?} {:?}", vector.iter()), "Vector { .. } Iter { .. }");
    assert_eq!(format!("{:?} {:?}", Reader::new(b"secret"), Writer::new(&mut [7])), "Reader { .. } Writer { .. }");
    let header = LayerHeader { random_bytes: bytes, layer: 144, in_seq_no: 0, out_seq_no: 1 };
    assert_eq!(format!("{header:?}"), "LayerHeader { .. }");
}

// SPEC TL-2.
#[test]
fn br_11_strings_at_the_edges_of_their_forms() {
    for len in EDGES {
        let string = vec![7; len];
        let mut expected = match len {
            0..254 => vec![u8::try_from(len).unwrap()],
            _ => [&[254], &u32::try_from(len).unwrap().to_le_bytes()[..3]].concat(),
        };
        expected.extend(&string);
        expected.resize(expected.len().next_multiple_of(4), 0);

        let value = Bytes::new(&string).unwrap();
        assert_eq!(encode(&value), expected, "{len}");
        assert_eq!(decode_exact(&expected), Ok(value), "{len}");

        // A word less, a byte less, a length that runs past the end.
        for cut in [1, 4] {
            let cut = expected.len() - cut.min(expected.len());
            assert_eq!(decode_exact::<Bytes<'_>>(&expected[..cut]), Err(DecodeError::UnexpectedEnd), "{len}");
        }
        // Every byte of padding counts.
        let padded = if len < 254 { 1 + len } else { 4 + len };
        for i in padded..expected.len() {
            let mut bytes = expected.clone();
            bytes[i] = 1;
            assert_eq!(decode_exact::<Bytes<'_>>(&bytes), Err(DecodeError::NonZeroPadding), "{len}");
        }
    }
}

// SPEC TL-3.
#[test]
fn at_18_lengths_have_one_form() {
    for len in 0..254 {
        let mut bytes = vec![254, len, 0, 0];
        bytes.resize(4 + usize::from(len).next_multiple_of(4), 0);
        assert_eq!(decode_exact::<Bytes<'_>>(&bytes), Err(DecodeError::NonCanonicalLength), "{len}");
    }
    assert_eq!(decode_exact::<Bytes<'_>>(&[255; 512]), Err(DecodeError::NonCanonicalLength));
    assert_eq!(decode_exact::<Bytes<'_>>(&[254, 255, 255, 255]), Err(DecodeError::UnexpectedEnd));
    assert_eq!(decode_exact::<Bytes<'_>>(&[]), Err(DecodeError::UnexpectedEnd));
}

#[test]
fn what_cannot_be_written_cannot_be_built() {
    let longest = vec![1; Bytes::MAX_LEN + 1];
    assert_eq!(Bytes::new(&longest), None);
    let value = Bytes::new(&longest[1..]).unwrap();
    assert_eq!(decode_exact(&encode(&value)), Ok(value));

    assert!(Vector::new(&[(); Vector::<()>::MAX_LEN + 1]).is_none());
    assert!(Vector::new(&[(); Vector::<()>::MAX_LEN]).is_some());
}

// SPEC TL-2, TL-3.
#[test]
fn vectors_hold_what_they_say() {
    fn vector(count: i32, words: usize) -> Vec<u8> {
        [&0x1cb5_c415_u32.to_le_bytes()[..], &count.to_le_bytes(), &vec![0; 4 * words]].concat()
    }
    let longs = |count, words| decode_exact::<Vector<'_, i64>>(&vector(count, words)).map(|vector| vector.len());
    let ints = |count, words| decode_exact::<Vector<'_, i32>>(&vector(count, words)).map(|vector| vector.len());
    for (count, words) in [(-1, 0), (i32::MIN, 8), (1 << 30, 8), (i32::MAX, 8), (9, 8), (1, 0)] {
        assert_eq!(longs(count, words), Err(DecodeError::BadCount), "{count} in {words}");
    }
    assert_eq!(longs(8, 8), Err(DecodeError::UnexpectedEnd), "within the bound, but items are longer");
    assert_eq!(longs(3, 8), Err(DecodeError::TrailingBytes));
    assert_eq!((longs(4, 8), ints(8, 8), ints(0, 0)), (Ok(4), Ok(8), Ok(0)));

    let mut other_id = vector(0, 0);
    other_id[0] ^= 1;
    assert_eq!(decode_exact::<Vector<'_, i32>>(&other_id), Err(DecodeError::NotAVector(0x1cb5_c414)));
    let unknown_item = vector(1, 1);
    let read = decode_exact::<Vector<'_, MessageEntity<'_>>>(&unknown_item);
    assert_eq!(read, Err(DecodeError::UnknownConstructor(0)));
}

#[test]
fn vectors_are_equal_by_their_items() {
    let given = Vector::new(&[3_i64, -1, 4]).unwrap();
    let bytes = encode(&given);
    let read: Vector<'_, i64> = decode_exact(&bytes).unwrap();
    assert_eq!(read, given);
    assert_ne!(read, Vector::new(&[3, -1]).unwrap());
    assert_ne!(read, Vector::new(&[3, -1, 5]).unwrap());
    assert!(!read.is_empty() && Vector::<i64>::default().is_empty());
    for vector in [read, given] {
        let mut items = vector.iter();
        assert_eq!((items.len(), items.next(), items.len()), (3, Some(3), 2));
        assert_eq!(items.collect::<Vec<_>>(), [-1, 4]);
        assert_eq!(vector.into_iter().chain(&vector).count(), 6);
    }
}

// SPEC TL-4, TL-7.
#[test]
fn flags_keep_what_no_field_says() {
    type Empty<'a> = DecryptedMessage73<'a>;
    let message = Empty {
        flags: Flags::new(u32::MAX),
        random_id: 1,
        ttl: 0,
        message: Bytes::EMPTY,
        media: None,
        entities: None,
        via_bot_name: None,
        reply_to_random_id: None,
        grouped_id: None,
    };
    let fields = 1 << 3 | 1 << 7 | 1 << 9 | 1 << 11 | 1 << 17;
    assert_eq!(message.flags_word(), !fields);
    assert!(message.silent() && message.no_webpage());
    assert_eq!((Empty::SILENT, Empty::NO_WEBPAGE), (1 << 5, 1 << 1));

    let silent = Empty { flags: Flags::new(Empty::SILENT), grouped_id: Some(5), ..message };
    assert_eq!(silent.flags_word(), 1 << 5 | 1 << 17);
    assert!(silent.silent() && !silent.no_webpage());
    assert_eq!(encode(&silent).len(), encode(&message).len() + 8);

    let full = Empty {
        media: Some(DecryptedMessageMedia::Empty),
        entities: Some(Vector::EMPTY),
        via_bot_name: Some(Bytes::EMPTY),
        reply_to_random_id: Some(0),
        flags: Flags::NONE,
        ..silent
    };
    assert_eq!(full.flags_word(), fields);
    assert_eq!(decode_exact(&encode(&full)), Ok(full));
}

#[test]
fn doubles_keep_their_bits() {
    for bits in [0, 1 << 63, 0x7ff8_0000_0000_0001, 0xfff0_0000_0000_0001, 0x4049_0fdb_5444_2d18] {
        let value = Double::from_f64(f64::from_bits(bits));
        assert_eq!(value.to_f64().to_bits(), bits);
        assert_eq!(encode(&value), bits.to_le_bytes());
        assert_eq!(decode_exact(&bits.to_le_bytes()), Ok(value));
    }
}

#[test]
fn a_writer_never_leaves_its_slice() {
    let value = Bytes::new(b"sixteen bytes...").unwrap();
    let bytes = encode(&value);
    for len in (0..30).filter(|len| *len != bytes.len()) {
        let mut out = vec![0xaa; len];
        assert!(!encode_exact(&value, &mut out), "{len}");
        // Whole pieces or nothing: what is there is a prefix, the rest is as it was.
        let written = out.iter().zip(&bytes).take_while(|(a, b)| a == b).count();
        assert!(out[written..].iter().all(|byte| *byte == 0xaa), "{len}");
    }
    let mut out = [0; 4];
    let mut w = Writer::new(&mut out);
    w.put(&[1, 2, 3, 4, 5]);
    w.put(&[6, 7, 8, 9]);
    assert!(!w.is_exact());
    assert_eq!(out, [0; 4], "nothing follows a piece that did not fit");
}

/// Public, from the question and answer thread of a developer who could not place the fields (2017). The first four
/// bytes are the envelope's length.
const CAPTURED: &str = "3c0000008917e31b0ff1c770b657c36af705bdaca4be2c0b2e0000000100000062000000\
                        de91b0360000000038507c7cd5fa6f7c000000000654657374313200";

#[test]
fn br_11_a_captured_message_is_understood() {
    let captured = hex::decode(CAPTURED).unwrap();
    let (len, body) = captured.split_first_chunk().unwrap();
    assert_eq!(u32::from_le_bytes(*len), 60);

    let random_bytes = Bytes::new(&captured[9..24]).unwrap();
    let expected = DecryptedMessageLayer {
        random_bytes,
        layer: 46,
        in_seq_no: 1,
        out_seq_no: 98,
        message: DecryptedMessage::Message45(DecryptedMessage45 {
            flags: Flags::NONE,
            random_id: 0x7c6f_fad5_7c7c_5038,
            ttl: 0,
            message: Bytes::new(b"Test12").unwrap(),
            media: None,
            entities: None,
            via_bot_name: None,
            reply_to_random_id: None,
        }),
    };
    assert_eq!(decode_exact(body), Ok(expected));
    assert_eq!(encode(&expected), body);

    let (header, message) = LayerHeader::read(body).unwrap();
    assert_eq!(header, LayerHeader { random_bytes, layer: 46, in_seq_no: 1, out_seq_no: 98 });
    assert_eq!(decode_exact(message), Ok(expected.message));
}

#[test]
fn a_header_needs_no_body() {
    let mut body = hex::decode(CAPTURED).unwrap().split_off(4);
    let whole = body.clone();
    let (header, message) = LayerHeader::read(&whole).unwrap();
    let header_len = body.len() - message.len();

    body[header_len] ^= 1;
    let (same, message) = LayerHeader::read(&body).unwrap();
    assert_eq!(same, header);
    assert_eq!(decode_exact::<DecryptedMessage<'_>>(message), Err(DecodeError::UnknownConstructor(0x36b0_91df)));
    assert_eq!(LayerHeader::read(&body[..header_len]), Ok((header, &[][..])));
    for len in 0..header_len {
        assert_eq!(LayerHeader::read(&body[..len]), Err(DecodeError::UnexpectedEnd), "{len}");
    }
    let bare = &whole[header_len..];
    assert_eq!(LayerHeader::read(bare), Err(DecodeError::UnknownConstructor(0x36b0_91de)));
}

#[test]
fn errors_say_what_is_wrong() {
    let error: &dyn std::error::Error = &DecodeError::UnknownConstructor(0xab);
    assert_eq!(error.to_string(), "no constructor of the expected type has the id 0x000000ab");
}

/// How to read and write again, by the constructor's id.
struct Reencoders(HashMap<u32, (&'static str, i32, Reencode)>);

impl Visitor for Reencoders {
    fn visit<T>(&mut self, constructor: Constructor<T>)
    where
        T: Encode + Decode<'static> + Copy + Eq + Debug + 'static,
    {
        let Constructor { name, layer, id, reencode, .. } = constructor;
        self.0.insert(id, (name, layer, reencode));
    }
}

fn vectors() -> Vec<Value> {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/test-vectors/tl.json")).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    let encodings = |case: &&Value| case["kind"] == "encoding";
    file["cases"].as_array().unwrap().iter().filter(encodings).cloned().collect()
}

fn bytes_of(vector: &Value) -> Vec<u8> {
    hex::decode(vector["hex"].as_str().unwrap()).unwrap()
}

#[test]
fn encodings_of_another_origin_are_understood() {
    let mut reencoders = Reencoders(HashMap::new());
    visit_all(&mut reencoders);
    let mut seen = HashSet::new();
    for vector in vectors() {
        let bytes = bytes_of(&vector);
        let id = u32::from_le_bytes(*bytes.first_chunk().unwrap());
        let (name, layer, reencode) = reencoders.0[&id];
        assert_eq!((vector["constructor"].as_str(), vector["layer"].as_i64()), (Some(name), Some(layer.into())));
        assert_eq!(reencode(&bytes), Ok(bytes), "{vector}");
        seen.insert(id);
    }
    assert_eq!((seen.len(), reencoders.0.len()), (85, 85));
}

/// The fields that a vector lists, as this library's types.
struct Listed<'v>(&'v Value);

impl Listed<'_> {
    fn int(&self, name: &str) -> i32 {
        self.0[name].as_i64().unwrap().try_into().unwrap()
    }

    fn long(&self, name: &str) -> i64 {
        long(&self.0[name])
    }

    fn double(&self, name: &str) -> Double {
        Double::from_f64(f64::from_bits(u64::from_str_radix(self.0[name].as_str().unwrap(), 16).unwrap()))
    }

    fn bytes(&self, name: &str) -> Bytes<'static> {
        Bytes::new(hex::decode(self.0[name].as_str().unwrap()).unwrap().leak()).unwrap()
    }

    fn flags(&self) -> u32 {
        self.0["flags"].as_u64().unwrap().try_into().unwrap()
    }
}

fn long(value: &Value) -> i64 {
    value.as_str().unwrap().parse().unwrap()
}

#[test]
fn fields_of_another_origin_are_understood() {
    let mut count = 0;
    for vector in vectors() {
        let Some(fields) = vector.get("fields") else { continue };
        count += 1;
        let (f, bytes) = (Listed(fields), bytes_of(&vector));
        match vector["constructor"].as_str().unwrap() {
            "decryptedMessageLayer" => {
                let value: DecryptedMessageLayer<'_> = decode_exact(&bytes).unwrap();
                let expected = DecryptedMessageLayer {
                    random_bytes: f.bytes("random_bytes"),
                    layer: f.int("layer"),
                    in_seq_no: f.int("in_seq_no"),
                    out_seq_no: f.int("out_seq_no"),
                    message: value.message,
                };
                assert_eq!(value, expected);
            }
            "decryptedMessage" => {
                let Ok(DecryptedMessage::Message73(value)) = decode_exact(&bytes) else { panic!("{vector}") };
                let expected = DecryptedMessage73 {
                    flags: Flags::new(f.flags()),
                    random_id: f.long("random_id"),
                    ttl: f.int("ttl"),
                    message: f.bytes("message"),
                    media: value.media,
                    entities: value.entities,
                    via_bot_name: Some(f.bytes("via_bot_name")),
                    reply_to_random_id: Some(f.long("reply_to_random_id")),
                    grouped_id: Some(f.long("grouped_id")),
                };
                assert_eq!((value, value.flags_word()), (expected, f.flags()));
                assert_eq!(value.entities.unwrap().len(), fields["entities"].as_array().unwrap().len());
                assert!(value.media.is_some() && value.silent() && value.no_webpage());
            }
            "decryptedMessageMediaPhoto" => {
                let expected = MediaPhoto45 {
                    thumb: f.bytes("thumb"),
                    thumb_w: f.int("thumb_w"),
                    thumb_h: f.int("thumb_h"),
                    w: f.int("w"),
                    h: f.int("h"),
                    size: f.int("size"),
                    key: f.bytes("key"),
                    iv: f.bytes("iv"),
                    caption: f.bytes("caption"),
                };
                assert_eq!(decode_exact(&bytes), Ok(DecryptedMessageMedia::Photo45(expected)));
            }
            "decryptedMessageMediaDocument" => {
                let Ok(DecryptedMessageMedia::Document143(value)) = decode_exact(&bytes) else { panic!("{vector}") };
                let expected = MediaDocument143 {
                    thumb: f.bytes("thumb"),
                    thumb_w: f.int("thumb_w"),
                    thumb_h: f.int("thumb_h"),
                    mime_type: f.bytes("mime_type"),
                    size: f.long("size"),
                    key: f.bytes("key"),
                    iv: f.bytes("iv"),
                    attributes: value.attributes,
                    caption: f.bytes("caption"),
                };
                assert_eq!(value, expected);
                assert_eq!(value.attributes.len(), fields["attributes"].as_array().unwrap().len());
            }
            "decryptedMessageMediaGeoPoint" => {
                let expected = MediaGeoPoint { lat: f.double("lat"), long: f.double("long") };
                assert_eq!(decode_exact(&bytes), Ok(DecryptedMessageMedia::GeoPoint(expected)));
            }
            "decryptedMessageActionAcceptKey" => {
                let expected = ActionAcceptKey {
                    exchange_id: f.long("exchange_id"),
                    g_b: f.bytes("g_b"),
                    key_fingerprint: f.long("key_fingerprint"),
                };
                assert_eq!(decode_exact(&bytes), Ok(DecryptedMessageAction::AcceptKey(expected)));
            }
            "decryptedMessageActionDeleteMessages" => {
                let ids: Vec<i64> = fields["random_ids"].as_array().unwrap().iter().map(long).collect();
                let expected = ActionDeleteMessages { random_ids: Vector::new(&ids).unwrap() };
                assert_eq!(decode_exact(&bytes), Ok(DecryptedMessageAction::DeleteMessages(expected)));
            }
            "documentAttributeAudio" => {
                let expected = DocumentAttributeAudio46 {
                    flags: Flags::new(DocumentAttributeAudio46::VOICE),
                    duration: f.int("duration"),
                    title: Some(f.bytes("title")),
                    performer: Some(f.bytes("performer")),
                    waveform: Some(f.bytes("waveform")),
                };
                assert_eq!(expected.flags_word(), f.flags());
                assert_eq!(decode_exact(&bytes), Ok(DocumentAttribute::Audio46(expected)));
            }
            other => panic!("{other} lists its fields, and nothing checks them"),
        }
    }
    assert_eq!(count, 8);
}

#[test]
fn an_error_names_what_it_is_about() {
    let errors = [
        DecodeError::UnexpectedEnd,
        DecodeError::TrailingBytes,
        DecodeError::UnknownConstructor(0x1cb5_c415),
        DecodeError::NonCanonicalLength,
        DecodeError::NonZeroPadding,
        DecodeError::NotAVector(0x1be3_1789),
        DecodeError::BadCount,
    ];
    let texts: HashSet<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(texts.len(), errors.len(), "each has its own text");
    assert!(errors[2].to_string().contains("0x1cb5c415") && errors[5].to_string().contains("0x1be31789"));
}
