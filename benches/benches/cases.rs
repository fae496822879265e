//! Runs the cases of files and messages under criterion, which keeps a history and distinguishes changes from noise.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use secretchat_benches::measure::Unit;
use secretchat_benches::{media, message};

fn all(criterion: &mut Criterion) {
    for group in media::groups().into_iter().chain(message::groups()) {
        let mut bench = criterion.benchmark_group(group.title);
        for case in group.cases {
            for (column, mut lap) in group.columns.iter().zip(case.laps) {
                bench.throughput(match group.unit {
                    Unit::Bytes(bytes) => Throughput::Bytes(bytes as u64),
                    Unit::Nanos | Unit::Micros => Throughput::Elements(lap.count.into()),
                });
                bench.bench_function(format!("{column}/{}", case.name), |bencher| {
                    bencher.iter_batched(&mut lap.prepare, |()| (lap.run)(), BatchSize::PerIteration);
                });
            }
        }
        bench.finish();
    }
}

criterion_group!(benches, all);
criterion_main!(benches);
