//! AES-256-IGE (SPEC IGE-1).

use secretchat::hazmat::ige::{self, Block, Decryptor, Encryptor};

use super::json::{array, bytes, cases, file};

struct Case {
    key: [u8; 32],
    iv: [u8; 32],
    plain: Vec<Block>,
    cipher: Vec<Block>,
    wrong_third_block: Block,
}

fn case() -> Case {
    let blocks = |value| bytes(value).as_chunks().0.to_vec();
    let case = &cases(&file!("ige.json"), "chain")[0];
    assert_eq!(case["parts"], serde_json::json!([32, 48]));
    Case {
        key: array(&case["key"]),
        iv: array(&case["iv"]),
        plain: blocks(&case["plain"]),
        cipher: blocks(&case["cipher"]),
        wrong_third_block: array(&case["wrong_third_block"]),
    }
}

#[test]
fn whole_texts_encrypt_and_decrypt() {
    let Case { key, iv, plain, cipher, .. } = case();
    let mut blocks = plain.clone();
    ige::encrypt(&key, &iv, &mut blocks);
    assert_eq!(blocks, cipher);
    ige::decrypt(&key, &iv, &mut blocks);
    assert_eq!(blocks, plain);
}

#[test]
fn at_15_every_split_into_three_parts() {
    let Case { key, iv, plain, cipher, .. } = case();
    for first in 0..=plain.len() {
        for second in first..=plain.len() {
            let (mut encryptor, mut decryptor) = (Encryptor::new(&key, &iv), Decryptor::new(&key, &iv));
            let mut blocks = plain.clone();
            for part in [0..first, first..second, second..plain.len()] {
                encryptor.encrypt(&mut blocks[part]);
            }
            assert_eq!(blocks, cipher, "split at {first} and {second}");
            for part in [0..first, first..second, second..plain.len()] {
                decryptor.decrypt(&mut blocks[part]);
            }
            assert_eq!(blocks, plain, "split at {first} and {second}");
        }
    }
}

// Three public projects began each part of a file with the first iv again.
#[test]
fn second_part_does_not_begin_with_the_first_iv() {
    let Case { key, iv, plain, cipher, wrong_third_block } = case();
    let mut encryptor = Encryptor::new(&key, &iv);
    let mut blocks = plain.clone();
    let (first, second) = blocks.split_at_mut(2);
    encryptor.encrypt(first);
    encryptor.encrypt(second);
    assert_eq!(blocks[2], cipher[2]);
    assert_ne!(blocks[2], wrong_third_block);

    // That is where the wrong value comes from.
    let mut again = plain[2..].to_vec();
    Encryptor::new(&key, &iv).encrypt(&mut again);
    assert_eq!(again[0], wrong_third_block);
    // And the chain goes on from the last ciphertext block and the last plaintext block.
    let mut on = plain[2..].to_vec();
    let next_iv: [u8; 32] = [cipher[1], plain[1]].concat().try_into().unwrap();
    ige::encrypt(&key, &next_iv, &mut on);
    assert_eq!(on, cipher[2..]);
}
