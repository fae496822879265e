//! Files in segments.

use super::{Example, cases, expand, hmac, same, sha256, vectors};
use crate::spec::table;

#[test]
fn a_file_in_one_segment() {
    let example = Example::new("A file of 17 bytes in one segment");
    let files = cases(vectors("segments.json"), "file");
    let file = files.iter().find(|file| file["size"] == 17).unwrap();
    example.equals(file, &same(&["secret", "salt", "header", "commitment"]));
    example.equals(file, &[("tag key", "tag_key"), ("stored file", "stored")]);
    example.equals(&file["segments"][0], &same(&["key", "iv", "tag"]));

    assert_eq!(example.bytes("prk"), hmac(&example.bytes("salt"), &example.bytes("secret")));
    let (form, size) = (&example.bytes("header")[..8], example.bytes("size"));
    assert_eq!(size, 17_u64.to_le_bytes());
    let commitment = [b"secretchat/1 file commitment", form, &size].concat();
    assert_eq!(expand(&example.bytes("prk"), &commitment, 32), example.bytes("commitment"));
    assert_eq!(
        example.bytes("tag input"),
        [&example.bytes("cipher")[..], &[0; 8], &[1], &17_u32.to_le_bytes()].concat()
    );
    assert_eq!(hmac(&example.bytes("tag key"), &example.bytes("tag input")), example.bytes("tag"));
    assert_eq!(example.joined(&["header", "cipher", "tag"]), example.bytes("stored file"));

    let mut opened = example.bytes("cipher");
    let (key, iv) = (example.bytes("key").try_into().unwrap(), example.bytes("iv").try_into().unwrap());
    secretchat::hazmat::ige::decrypt(&key, &iv, opened.as_chunks_mut().0);
    assert_eq!(opened, example.bytes("padded content"));
    assert_eq!(opened, [example.bytes("content"), vec![0; 15]].concat());
}

// SPEC SEG-5, SEG-6: which segment has the last flag, and what is padding.
#[test]
fn a_padded_file_of_two_segments() {
    let title = "A padded file of two segments";
    let example = Example::new(title);
    let files = cases(vectors("segments.json"), "file");
    let file = files.iter().find(|file| file["size"] == 100_000 && file["padding"] == 1).unwrap();
    example.equals(file, &same(&["secret", "salt", "header", "commitment"]));
    example.equals(file, &[("tag key", "tag_key"), ("SHA-256 of file", "stored_sha256")]);
    assert_eq!(example.bytes("size"), 100_000_u64.to_le_bytes());

    let name = file["name"].as_str().unwrap();
    let hashes = (0..).flat_map(|i| sha256(format!("{name} content {i}").as_bytes()));
    let content: Vec<u8> = hashes.take(100_000).collect();
    let mut stored = example.bytes("header");
    for (i, content) in content.chunks(65_536).enumerate() {
        let segment = Example::nth(title, 1 + i);
        segment.equals(&file["segments"][i], &same(&["key", "iv", "tag"]));
        assert_eq!(segment.bytes("index"), (i as u64).to_le_bytes());
        assert_eq!(segment.bytes("last"), [u8::from(i == 1)]);
        assert_eq!(segment.bytes("content length"), u32::try_from(content.len()).unwrap().to_le_bytes());
        assert_eq!(segment.bytes("content begins"), content[..16]);
        assert_eq!(segment.bytes("content ends"), content[content.len() - 16..]);

        let mut cipher = content.to_vec();
        cipher.resize(cipher.len() + if i == 1 { 352 } else { 0 }, 0);
        let (key, iv) = (segment.bytes("key").try_into().unwrap(), segment.bytes("iv").try_into().unwrap());
        secretchat::hazmat::ige::encrypt(&key, &iv, cipher.as_chunks_mut().0);
        let tagged = [&cipher[..], &segment.joined(&["index", "last", "content length"])].concat();
        assert_eq!(hmac(&example.bytes("tag key"), &tagged), segment.bytes("tag"));
        stored.extend([cipher, segment.bytes("tag")].concat());
    }
    assert_eq!(stored.len(), 100_456);
    assert_eq!(sha256(&stored), example.bytes("SHA-256 of file"));
}

// SPEC SEG-5: the last flag is where the content ends, not where the file does.
#[test]
fn a_segment_of_padding_alone_has_no_last_flag() {
    let size: u64 = 4_194_305;
    let files = cases(vectors("segments.json"), "file");
    let file = files.iter().find(|file| file["size"] == size && file["padding"] == 1).unwrap();
    assert_eq!(file["count"], 66);
    let rows = table("| index | bytes of content | zero bytes | last | tag |");
    assert_eq!(rows.len(), 3);
    for row in rows {
        let [index, content, zeros, last] =
            [row[0], row[1], row[2], row[3]].map(|cell| cell.replace(',', "").parse().unwrap());
        let expected = size.saturating_sub(65_536 * index).min(65_536);
        assert_eq!((content, zeros), (expected, 65_536 - expected));
        assert_eq!(last, u64::from(index == (size - 1) / 65_536));
        let segments = file["segments"].as_array().unwrap();
        assert_eq!(segments.iter().find(|segment| segment["index"] == index).unwrap()["tag"], row[4]);
    }
}
