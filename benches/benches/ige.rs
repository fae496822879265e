//! Runs every case of the table under criterion, which keeps a history and distinguishes changes from noise.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use secretchat_benches::{Unit, cases};

fn all(criterion: &mut Criterion) {
    for group in cases::all() {
        let mut bench = criterion.benchmark_group(group.title);
        bench.throughput(match group.unit {
            Unit::Stream(bytes) | Unit::Bytes(bytes) => Throughput::Bytes(bytes as u64),
            Unit::Messages(count) => Throughput::Elements(count.into()),
        });
        for mut case in group.cases {
            bench.bench_function(format!("encrypt/{}", case.name), |b| b.iter(|| case.work.encrypt()));
            bench.bench_function(format!("decrypt/{}", case.name), |b| b.iter(|| case.work.decrypt()));
        }
        bench.finish();
    }
}

criterion_group!(benches, all);
criterion_main!(benches);
