//! Null, for every argument of every function.

use std::collections::BTreeMap;

use secretchat_ffi::*;

use crate::lend::{many, to, to_many};

const HEADER: &str = include_str!("../../include/secretchat.h");

/// Calls functions with null and zero for every argument.
macro_rules! with_nulls {
    ($($function:ident($($argument:tt),*),)+) => {
        BTreeMap::from([$((stringify!($function), $function($(with_nulls!(@ $argument)),*)),)+])
    };
    (@ _) => { Default::default() };
}

#[test]
fn every_function_that_can_fail_refuses_null() {
    let refused: BTreeMap<&str, ScStatus> = with_nulls! {
        sc_chat_accept_again(_, _),
        sc_chat_accepted(_, _, _, _, _, _),
        sc_chat_accepted_elsewhere(_, _, _),
        sc_chat_acknowledge(_, _),
        sc_chat_announce_layer(_, _, _),
        sc_chat_batch_fits(_, _, _, _),
        sc_chat_carried(_, _, _, _, _),
        sc_chat_ciphertext(_, _, _, _, _, _, _),
        sc_chat_clear_verified(_, _),
        sc_chat_close(_, _, _),
        sc_chat_close_view(_, _, _),
        sc_chat_delete(_, _, _, _, _),
        sc_chat_diagnosis(_, _),
        sc_chat_discard_receipt(_, _, _, _),
        sc_chat_discarded(_, _, _, _, _, _),
        sc_chat_export(_, _, _, _, _, _, _),
        sc_chat_flush_history(_, _, _),
        sc_chat_forget_exporter(_, _),
        sc_chat_frame(_, _, _),
        sc_chat_handle_timeout(_, _),
        sc_chat_mark_read(_, _, _, _, _),
        sc_chat_mark_read_up_to(_, _, _),
        sc_chat_mark_scanned(_, _, _, _),
        sc_chat_mark_verified(_, _, _),
        sc_chat_open_media(_, _, _, _, _),
        sc_chat_open_view(_, _, _, _),
        sc_chat_outcome(_, _, _),
        sc_chat_peek(_, _, _, _),
        sc_chat_peer_read(_, _, _, _, _),
        sc_chat_peer_typing(_, _, _),
        sc_chat_poll(_, _),
        sc_chat_position(_, _, _),
        sc_chat_refused(_, _, _, _, _),
        sc_chat_rekey(_, _),
        sc_chat_report_screenshot(_, _, _, _),
        sc_chat_request(_, _, _),
        sc_chat_restore(_, _, _, _, _, _, _),
        sc_chat_retransmit(_, _),
        sc_chat_scan_code(_, _),
        sc_chat_send(_, _, _, _),
        sc_chat_send_album(_, _, _, _, _),
        sc_chat_set_ttl(_, _, _),
        sc_chat_state(_, _),
        sc_chat_take_lease(_, _),
        sc_chat_typing(_, _, _),
        sc_checkpoint_of_record(_, _, _),
        sc_config_check(_),
        sc_config_init(_, _),
        sc_decoder_finish(_),
        sc_decoder_new(_),
        sc_decoder_next(_, _),
        sc_decoder_push(_, _, _, _),
        sc_decryptor_finish(_),
        sc_decryptor_new(_, _, _),
        sc_decryptor_new_resumable(_, _, _),
        sc_decryptor_place(_, _),
        sc_decryptor_progress(_, _),
        sc_decryptor_resume(_, _, _, _, _, _),
        sc_decryptor_token(_, _, _, _),
        sc_decryptor_update(_, _, _, _, _),
        sc_encryptor_finish(_, _),
        sc_encryptor_key(_, _),
        sc_encryptor_new(_, _, _, _),
        sc_encryptor_place(_, _),
        sc_encryptor_progress(_, _),
        sc_encryptor_resume(_, _, _, _, _, _),
        sc_encryptor_token(_, _, _, _),
        sc_encryptor_update(_, _, _, _, _),
        sc_env_add_bytes(_, _, _),
        sc_env_clear_monotonic(_),
        sc_env_fill(_, _, _),
        sc_env_from_bytes(_, _, _),
        sc_env_set_monotonic(_, _, _),
        sc_env_set_now(_, _),
        sc_env_system(_),
        sc_fragment_bounds_init(_),
        sc_fragments_new(_, _, _, _),
        sc_frame_decode(_, _, _),
        sc_frame_encode(_, _),
        sc_group_check(_, _, _, _, _, _),
        sc_invitation_accept(_, _, _),
        sc_invitation_decline(_, _),
        sc_invitation_parse(_, _, _, _),
        sc_lease_decryptor(_, _),
        sc_lease_info(_, _),
        sc_lease_open(_, _, _, _),
        sc_media_key_from_parts(_, _, _, _),
        sc_media_open(_, _, _, _, _),
        sc_media_seal(_, _, _, _, _, _),
        sc_opener_layout(_, _),
        sc_opener_new(_, _, _, _, _),
        sc_opener_open(_, _, _, _, _),
        sc_opener_segment(_, _, _),
        sc_opener_verify(_, _, _, _),
        sc_peeker_new(_, _, _, _, _),
        sc_peeker_peek(_, _, _, _),
        sc_plan_finish(_, _, _, _, _),
        sc_plan_new(_, _, _, _),
        sc_plan_progress(_, _),
        sc_plan_take(_, _, _),
        sc_reassembler_missing(_, _, _, _, _, _),
        sc_reassembler_new(_, _),
        sc_reassembler_take(_, _, _, _, _),
        sc_resuming_check(_, _, _),
        sc_resuming_decryptor(_, _),
        sc_resuming_encryptor(_, _),
        sc_resuming_progress(_, _),
        sc_verification_cells(_, _),
        sc_verification_check_scanned(_, _, _, _),
        sc_verification_colours(_),
        sc_verification_hex(_, _),
        sc_verification_scan_code(_, _, _),
        sc_verification_svg(_, _),
        sc_verification_words(_, _),
    };
    for (function, status) in &refused {
        // It looks at its number first, and 0 is no action.
        let expected = if *function == "sc_chat_typing" { SC_ERROR_VALUE } else { SC_ERROR_NULL };
        assert_eq!(*status, expected, "{function}");
    }
    let listed: Vec<&str> = functions().filter(|(result, _)| *result == "ScStatus").map(|(_, name)| name).collect();
    assert_eq!(listed.len(), refused.len(), "a function is not tested with null");
    assert!(listed.iter().all(|name| refused.contains_key(name)));
}

#[test]
fn every_other_function_takes_null_for_nothing() {
    sc_buffer_free(None);
    sc_chat_free(None);
    sc_decoder_free(None);
    sc_decryptor_free(None);
    sc_encryptor_free(None);
    sc_env_free(None);
    sc_fragments_free(None);
    sc_group_free(None);
    sc_invitation_free(None);
    sc_lease_free(None);
    sc_media_key_free(None);
    sc_opener_free(None);
    sc_peeker_free(None);
    sc_plan_free(None);
    sc_reassembler_free(None);
    sc_resuming_free(None);
    assert!(sc_buffer_data(None).is_null());
    let bytes = [
        sc_buffer_bytes(None),
        sc_chat_file_of(None, 0),
        sc_chat_host_data(None),
        sc_chat_unacknowledged_file(None, 0),
        sc_fragments_datagram(None, 0),
        sc_fragments_id(None),
        sc_lease_hazmat_iv(None),
        sc_lease_hazmat_key(None),
        sc_media_key_iv(None),
        sc_media_key_key(None),
        sc_peeker_host_data(None),
    ];
    for bytes in bytes {
        assert!(crate::lend::read(bytes).is_empty());
    }
    assert_eq!([sc_buffer_len(None), sc_env_bytes_left(None), sc_env_bytes_wanted(None)], [0; 3]);
    assert_eq!((sc_fragments_count(None), sc_reassembler_byte_count(None), sc_resuming_offset(None)), (0, 0, 0));
    assert_eq!([sc_error_name(1, Out::NULL, 9), sc_record_name(In::NULL, Out::NULL, 9)], [4, 0]);
    assert_eq!((sc_chat_profile(None), sc_chat_holds(None, 1), sc_encryptor_encrypted_len(None)), (0, 0, 0));
    assert_eq!([sc_chat_timeout(None), sc_chat_deadline(None, 1)], [SC_NO_TIME; 2]);
}

#[test]
fn the_version_of_the_interface_is_that_of_the_header() {
    let line = HEADER.lines().find(|line| line.starts_with("#define SC_ABI_VERSION ")).unwrap();
    assert_eq!(line.rsplit(' ').next().unwrap().parse(), Ok(sc_abi_version()));
}

#[test]
fn lengths_without_a_pointer_and_lengths_beyond_memory_are_errors() {
    let mut env = None;
    assert_eq!(sc_env_from_bytes(In::NULL, 1, to(&mut env)), SC_ERROR_NULL);
    assert_eq!(sc_env_from_bytes(many(&[0]), usize::MAX, to(&mut env)), SC_ERROR_LENGTH);
    assert!(env.is_none());
    let mut environment = crate::lend::made(|out| sc_env_from_bytes(In::NULL, 0, out));
    let mut random = [0; 4];
    assert_eq!(sc_env_fill(Some(&mut environment), to_many(&mut random), usize::MAX), SC_ERROR_LENGTH);
    assert_eq!(sc_env_fill(Some(&mut environment), to_many(&mut random), 4), SC_ERROR_RANDOM);
    assert_eq!(sc_env_bytes_wanted(Some(&environment)), 4);
    sc_env_free(Some(environment));
}

/// Returns the functions of the header, with the types of their results.
fn functions() -> impl Iterator<Item = (&'static str, &'static str)> {
    HEADER.lines().filter_map(|line| {
        let (before, _) = line.split_once('(')?;
        let (result, name) = before.rsplit_once(' ')?;
        (name.starts_with("sc_") && !line.starts_with(' ') && !line.starts_with("static"))
            .then_some((result, name.trim_start_matches('*')))
    })
}
