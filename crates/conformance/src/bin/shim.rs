//! A peer that is driven by lines of JSON, so that an implementation in any language can be tested against this one.
//!
//! `cargo run --release -p conformance --bin shim`
//!
//! It hosts one [`Chat`](secretchat::Chat) and does what each line of standard input says: an object whose `command` names
//! what to do, beside the fields that belong to it. Byte strings are lower-case hex, 64-bit ids decimal strings, times
//! milliseconds since the Unix epoch. `null` counts as left out, a field that no one reads is an error. Each command
//! answers with its outputs, one line each, then one closing line: `{"done":...}` with what the call returned, or
//! `{"err":{"side":"api"|"peer"|"store"|"shim","kind":...}}` with the name of the error's variant. An error of the side
//! `shim` changes nothing: `MalformedLine`, `UnknownCommand`, `MissingField`, `BadField`, `UnknownField`, `NotConfigured`,
//! `Configured`, `NoChat`, `ChatExists`, `NoInvitation`.
//!
//! | command | fields; those in brackets may be left out |
//! |---|---|
//! | `config` | `profile` `x25519`, `hybrid` or `telegram`, `now`, `seed`, \[`local_id`, `peer_id` (both needed but in `telegram`), `context`, `layer`, `limits` {name: number}, `rekey` {\[`after_messages`, `after_bytes`, `after_millis`\]}, `ttl_bounds` \[shortest, longest\], `notification_cap` (`all`), `store` (true), `exporter` (false), `draws`; `telegram`: `g`, `p`, `policy`, `view_once`, `server_random`\]: comes first, once |
//! | `request` | |
//! | `invitation`, then `accept` or `decline` | `public` |
//! | `accepted` | `public`, `fingerprint` |
//! | `accepted_elsewhere`, `discarded` | `discarded`: `history`, \[`proof` with `sent`\] |
//! | `discard_receipt` | \[`proof`\]: the `discard_receipt` of the other end's `state` |
//! | `ciphertext` | `bytes`, \[`file` {`reference`, \[`size`, `fingerprint`\]}, `date`\] |
//! | `carried`, `refused` | `id`; `carried`: \[`date`\]; `refused`: `permanent` |
//! | `peer_read` | `max_date`, \[`date`\] |
//! | `peer_typing` | |
//! | `send` | \[`text`, `entities`, `media`, `reply_to`, `silent`, `protected`, `hidden`, `file`, `random_id`, `ttl`, `via_bot`\] |
//! | `send_album` | `items`: a list of the fields of `send` |
//! | `set_ttl` | `seconds`; 2147483647 is view once, also in `ttl` |
//! | `mark_read`, `delete`, `screenshot` | `ids` |
//! | `mark_read_up_to` | `max_date` |
//! | `open_view`, `close_view` | `id` |
//! | `typing`, `announce_layer`, `close` | `action`, `layer`, `history` |
//! | `flush_history`, `rekey`, `retransmit`, `acknowledge`, `accept_again` | |
//! | `mark_verified`, `mark_scanned`, `clear_verified` | `value`: the verification value or the check; `code`: the `scan_code` of the other end's `state` |
//! | `export`, `forget_exporter` | `export`: `label`, \[`context`\] |
//! | `now` | `now`, \[`monotonic`, `boot` (0)\]: sets the clocks, which nothing else does; without `monotonic` there is one alone |
//! | `restart` | \[`drop_batches` (0), `expect_checkpoint` (false)\]: the chat as the batches written so far left it, except the last ones |
//! | `crash_after` | `outputs`: of the next command that calls the chat, the outputs after so many never happen; then as `restart` |
//! | `state`, `diagnosis` | |
//! | `position` | `id` of a message of one's own |
//! | `peek` | `bytes` of a message of the peer, which is not taken in |
//!
//! `g` is 3 and `p` the published prime where they are left out; any safe prime will do. `media` and `entities` have the
//! fields of the schema by their names, and a `kind` (`src/codec/media.rs`, `src/codec/entity.rs`).
//!
//! What a call returned: of an input what became of it (`applied`, `waiting`, `duplicate`, `ignored`, `no_room`,
//! `chat_closed`); of `export` 32 bytes; of `send` an id, of `send_album` a list of them; of `mark_read`, `open_view`, `delete` and
//! `flush_history` whether the peer is told: `{"queued":id}`, `"nothing"` or `{"left_out":kind}` with the limit that forbids
//! it; of `state` an object; of `diagnosis` its `text`, and its `outcomes` with their fields; of `position`
//! where the message stands, or `null` once it is acknowledged; of `peek` an object of what a notification may show, or
//! why there is none (`seen`, `nothing`, `stale`, `no_keys`); of any call that `crash_after` cuts short `crashed`; of all others `null`.
//!
//! | output | fields |
//! |---|---|
//! | `event` | `event`: its name, and what belongs to it |
//! | `persist` | `put`, `delete`: names of the records that were written and deleted |
//! | `transmit` | `id`, `kind`, and what belongs to it |
//! | `timeout` | `at`: when the chat wants to hear of the time, or `null`; last, after each command that calls the chat |
//!
//! | transmit | fields |
//! |---|---|
//! | `request` | `public` |
//! | `accept` | `public`, `fingerprint` |
//! | `discard` | `history`, `proof` and `sent` (both `null` where nothing is proved) |
//! | `ciphertext` | `bytes`, `random_id`, `service`, `silent`, `file` |
//! | `read` | `max_date`: in `telegram`, outside of the encryption |
//! | `typing` | `typing`: whether the user is; in `telegram`, outside of the encryption |
//!
//! | event | fields |
//! |---|---|
//! | `ready` | `verification` |
//! | `message` | `random_id`, `date`, `text`, `entities`, `media`, `rights`, `file`, `reply_to`, `grouped_id`, `via_bot`, `silent`, `ttl`, `layer` |
//! | `sent` | `id`, `random_id`, `date` |
//! | `failed` | `id`, `random_id` |
//! | `action_failed` | `id`, `action`, `ttl` (of `set_ttl`, otherwise `null`) |
//! | `acknowledged`, `read_by_peer`, `deleted`, `screenshot` | `random_ids` |
//! | `ttl_changed` | `ttl`, `crossed` |
//! | `opened` | `random_id`, `lease`, `content` (`text`, `entities`, `media`, `rights` of what was hidden), `deadline` |
//! | `expired`, `key_refused` | `random_id` |
//! | `read_up_to` | `max_date`, `date` |
//! | `typing` | `action`; in `telegram` always `typing` |
//! | `peer_layer` | `layer` |
//! | `rekeyed` | `rekeys` |
//! | `check_outdated` | `compared_at` |
//! | `rekey_failed` | `reason` |
//! | `closed` | `reason`, `violation` (of the reason `Violation` alone), `history`, `missing`, `set_back` |
//! | `history_flushed`, `rekey_overdue`, `rollback_suspected`, `unsupported`, `old_protocol` | |
//!
//! `draws` answer the first requests for randomness of the same lengths; all others, and later ones, are answered by the
//! stream `SHA-256(seed || n)` for `n` = 0, 1, ... as 64 bits, little-endian. A draw is left for later if it does not fit.
//!
//! **For tests only**: its randomness is known to whoever knows the seed, its store is memory, it prints keys of media.

use std::io::{self, BufRead, Write};

use conformance::Shim;

fn main() -> io::Result<()> {
    eprintln!("shim: for tests only, its randomness is not random");
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    let mut shim = Shim::default();
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 {
        for answer in shim.obey(&line) {
            writeln!(output, "{answer}")?;
        }
        output.flush()?;
        line.clear();
    }
    Ok(())
}
