//! What the compiled program may not contain.

/// What AES multiplies a byte by, in GF(2^8) with the polynomial x^8 + x^4 + x^3 + x + 1 (FIPS 197 section 4.2).
fn doubled(byte: u8) -> u8 {
    byte << 1 ^ if byte & 0x80 == 0 { 0 } else { 0x1b }
}

fn product(mut one: u8, mut other: u8) -> u8 {
    let mut sum = 0;
    while other != 0 {
        sum ^= if other & 1 == 0 { 0 } else { one };
        (one, other) = (doubled(one), other >> 1);
    }
    sum
}

/// The S-box (FIPS 197 section 5.1.1), computed here so that the bytes stand nowhere.
fn substitution(byte: u8) -> u8 {
    let inverse = (0..=255).find(|other| product(byte, *other) == 1).unwrap_or(0);
    (0..5).fold(0x63, |sum, turns| sum ^ inverse.rotate_left(turns))
}

fn holds(program: &[u8], pattern: &[u8]) -> bool {
    program.windows(pattern.len()).any(|window| window == pattern)
}

/// A table of AES that is read at places which depend on the key tells the key to whoever shares the cache. Neither the S-box
/// nor one of the tables of 32-bit words that it is made into is in a program that has the crate.
#[test]
fn at_71_no_table_of_aes_is_in_the_program() {
    // Not `current_exe`: that is the loader where one was called to run this program.
    let program = std::fs::read(std::env::args_os().next().unwrap()).unwrap();
    let boxed: Vec<u8> = (0..=255).map(substitution).collect();
    assert_eq!((boxed[0], boxed[1], boxed[0x53], boxed[0xff]), (0x63, 0x7c, 0xed, 0x16), "the examples of FIPS 197");
    let inverse: Vec<u8> = (0..=255)
        .map(|byte| boxed.iter().position(|found| *found == byte).unwrap())
        .map(|at| u8::try_from(at).unwrap())
        .collect();
    assert!(!holds(&program, &boxed[..16]) && !holds(&program, &inverse[..16]));
    let word = |byte: u8| [doubled(byte), byte, byte, doubled(byte) ^ byte];
    let words: Vec<[u8; 4]> = boxed[..4].iter().map(|byte| word(*byte)).collect();
    assert_eq!(words[0], [0xc6, 0x63, 0x63, 0xa5], "Te0 of rijndael-alg-fst.c");
    for turns in 0..4 {
        for backwards in [false, true] {
            let table: Vec<u8> = words
                .iter()
                .flat_map(|word| {
                    let mut word = *word;
                    word.rotate_left(turns);
                    if backwards {
                        word.reverse();
                    }
                    word
                })
                .collect();
            assert!(!holds(&program, &table), "{turns} {backwards}");
        }
    }
    // The search finds what is there.
    assert!(holds(&program, std::hint::black_box(b"a string of this program")));
}
