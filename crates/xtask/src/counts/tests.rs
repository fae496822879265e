use super::*;

/// The manual of valgrind, "Callgrind Format Specification", extended example, with a name that is left out in place of
/// `func1`, and another in place of `func2` in the second test.
const MANUAL: &str = "\
events: Instructions

fl=file1.c
fn=main
16 20
cfn=sha2::sha256::soft::compress
calls=1 50
16 400
cfi=file2.c
cfn=func2
calls=3 20
16 400

fn=sha2::sha256::soft::compress
51 100
cfi=file2.c
cfn=func2
calls=2 20
51 300

fl=file2.c
fn=func2
20 700
";

#[test]
fn what_a_function_calls_is_counted_once() {
    assert_eq!(Profile::parse(MANUAL), Ok(Profile { hashing: 100, filling: 0, others: 20 + 700 }));
    let filling = MANUAL.replace("func2", "__memset_avx2_unaligned_erms");
    assert_eq!(Profile::parse(&filling), Ok(Profile { hashing: 100, filling: 700, others: 20 }));
    assert!(Profile::parse("fn=main\n16 x").is_err());
}

fn counts(compiler: &str, send: u64) -> Counts {
    let paths = [("open".to_owned(), 900), ("send".to_owned(), send)];
    Counts { compiler: compiler.to_owned(), paths: paths.into() }
}

#[test]
fn a_growth_of_five_percent_fails() {
    let committed = counts("rustc 1", 1000);
    let holds = |now| committed.compare(&counts("rustc 1", now)).1;
    assert_eq!([holds(1000), holds(1049), holds(1050), holds(1051), holds(700)], [true, true, false, false, true]);
    let (report, _) = committed.compare(&counts("rustc 1", 1050));
    assert!(report.contains("GROWN") && report.contains("1000") && report.contains("1050"), "{report}");
}

#[test]
fn another_compiler_is_named_and_may_differ_by_more() {
    let committed = counts("rustc 1", 1000);
    let holds = |now| committed.compare(&counts("rustc 2", now)).1;
    assert_eq!([holds(1149), holds(1150)], [true, false]);
    let (report, _) = committed.compare(&counts("rustc 2", 1000));
    assert!(report.contains("rustc 1") && report.contains("rustc 2") && report.contains("15 %"), "{report}");
}

#[test]
fn a_path_that_is_missing_or_new_fails() {
    let committed = counts("rustc 1", 1000);
    let mut now = counts("rustc 1", 1000);
    now.paths.insert("seal".to_owned(), 1);
    assert!(!committed.compare(&now).1);
    assert!(!now.compare(&committed).1);
}

#[test]
fn what_is_written_is_read() {
    let counts = counts("rustc 1.95.0 (59807616e 2026-04-14)", 1000);
    assert_eq!(Counts::parse(&counts.text()), Ok(counts));
    assert!(Counts::parse("send many").is_err());
}
