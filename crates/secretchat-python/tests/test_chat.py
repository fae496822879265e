"""Chats of all profiles through the package."""

from __future__ import annotations

from typing import Any

import pytest

import secretchat
from conftest import START, Pair, check_fields, configs, join, of_type
from secretchat import Chat, Config, Draft, Invitation, events, media, transmits
from secretchat.errors import ApiMisuse, PeerFault, Unavailable

PHOTO = bytes(range(256)) * 700


def test_text_with_entities(pair: Pair) -> None:
    text = "bold 🐈 link"
    bold = media.entity_at("bold", text, 0, 4)
    link = media.entity_at("text_url", text, 7, 11, "https://example.org")
    assert bold is not None and link is not None
    # UTF-16: the cat takes two units.
    assert (link.offset, link.length) == (8, 4)
    assert media.entity_range(link, text) == (7, 11)
    assert media.entities_fit(text, [bold, link, media.Entity("code", 6, 1)]) == [True, True, False]
    id = pair.alice.chat.send(Draft(text, entities=(bold, link), silent=True))
    _, told = pair.carry()
    [message] = of_type(told, events.Message)
    assert (message.random_id, message.text, message.silent) == (id, text, True)
    assert message.entities == (bold, link)
    assert (message.date, message.media, message.ttl) == (START, None, 0)
    answer = pair.bob.chat.send(Draft("yes", reply_to=id))
    told, _ = pair.carry()
    [message] = of_type(told, events.Message)
    assert (message.random_id, message.reply_to, message.position.sender) == (answer, id, "responder")


def test_a_photo_is_sealed_sent_and_opened(pair: Pair) -> None:
    key, sealed = media.seal(PHOTO, pair.alice.chat.file_form)
    preview = media.Thumbnail(b"\xff\xd8small", 90, 60)
    photo = media.Photo(1280, 720, len(PHOTO), key, preview)
    pair.alice.chat.send(Draft("look", photo, file=b"name of the file"))
    _, told = pair.carry()
    [message] = of_type(told, events.Message)
    match message:
        case events.Message(text="look", media=media.Photo(1280, 720, size, lent, seen), file=file):
            assert lent is not None
            assert file == media.IncomingFile(b"name of the file")
            assert media.open(lent, size, sealed) == PHOTO
            assert seen == preview
            assert lent.hazmat_parts() == key.hazmat_parts()
        case _:
            pytest.fail(f"{message}")


def kinds(key: media.MediaKey) -> list[media.Media]:
    """Returns media of every kind."""
    point = media.GeoPoint(48.25, -16.5)
    size = len(PHOTO)
    documents: list[media.Kind] = [
        media.File(),
        media.Video(7, 640, 480),
        media.Animation(3, 320, 200),
        media.RoundVideo(9, 240),
        media.Audio(200, "Title", "Performer"),
        media.Voice(12, bytes(range(40))),
        media.Sticker("🐈", "cats"),
    ]
    return [
        *(media.Document("application/x-any", size, key, kind, file_name="name.bin") for kind in documents),
        media.Document("image/png", size, key, image_size=(20, 10)),
        media.ExternalDocument(5, 6, 2, 7, "image/webp", 99, media.Sticker("🐈", "cats"), None, (512, 512)),
        point,
        media.Venue(point, "Cafe", "Street 1", "foursquare", "id"),
        media.Contact("+43123", "First", "Last", 17),
        media.WebPage("https://example.org/page"),
    ]


def test_every_medium_arrives_as_it_was_sent(pair: Pair) -> None:
    key, _ = media.seal(PHOTO, pair.alice.chat.file_form)
    sent = kinds(key)
    for medium in sent:
        file = b"file" if isinstance(medium, media.Document) else None
        pair.alice.chat.send(Draft("", medium, file=file))
    _, told = pair.carry()
    arrived = [message.media for message in of_type(told, events.Message)]
    # To fetch the set of a sticker would tell the server: the crate drops its name.
    expected = [without_key(medium) for medium in sent]
    sets = [fields for _, fields in expected if isinstance(fields.get("kind"), media.Sticker)]
    for fields in sets:
        fields["kind"] = media.Sticker("🐈")
    assert len(sets) == 2
    assert [without_key(medium) for medium in arrived] == expected


def without_key(medium: Any) -> tuple[str, dict[str, Any]]:
    """Returns what can be compared of a medium; keys are by their parts."""
    check_fields(medium)
    fields = dict(vars(medium))
    if fields.get("key") is not None:
        fields["key"] = fields["key"].hazmat_parts()
    return type(medium).__name__, fields


def test_an_album_has_one_group(pair: Pair) -> None:
    key, _ = media.seal(PHOTO, pair.alice.chat.file_form)
    photos = [Draft(str(n), media.Photo(8, 8, len(PHOTO), key), file=b"%d" % n) for n in range(3)]
    ids = pair.alice.chat.send_album(photos)
    _, told = pair.carry()
    messages = of_type(told, events.Message)
    assert [message.random_id for message in messages] == ids
    assert len({message.grouped_id for message in messages}) == 1
    with pytest.raises(ApiMisuse, match="album") as error:
        pair.alice.chat.send_album(photos[:1])
    assert error.value.name == "album_size"


def test_a_timer_runs_from_reading_to_the_end(pair: Pair) -> None:
    alice, bob = pair.alice.chat, pair.bob.chat
    alice.set_ttl(5)
    _, told = pair.carry()
    assert of_type(told, events.TtlChanged) == [events.TtlChanged(5, 5, False)]
    assert (alice.ttl, bob.ttl) == (5, 5)
    id = alice.send(Draft("gone soon"))
    _, told = pair.carry()
    assert of_type(told, events.Message)[0].ttl == 5
    assert isinstance(bob.mark_read([id]), int)
    told, _ = pair.carry()
    assert of_type(told, events.ReadByPeer) == [events.ReadByPeer((id,))]
    assert bob.deadline(id) == START + 5000
    pair.clock.now += 5000
    for end in (alice, bob):
        end.handle_timeout()
    both = pair.carry()
    assert [of_type(told, events.Expired) for told in both] == [[events.Expired(id, None)]] * 2
    assert bob.mark_read([]) == "nothing"


def test_a_hidden_photo_is_opened_once() -> None:
    pair = join(*configs("x25519"))
    key, sealed = media.seal(PHOTO)
    photo = media.Photo(8, 8, len(PHOTO), key)
    id = pair.alice.chat.send(Draft("", photo, file=b"f", ttl=secretchat.VIEW_ONCE))
    _, told = pair.carry()
    [message] = of_type(told, events.Message)
    assert message.ttl == secretchat.VIEW_ONCE and message.rights.is_hidden_until_opened
    assert message.media.key is None
    pair.bob.chat.open_view(id)
    _, told = pair.carry()
    [opened] = of_type(told, events.Opened)
    assert opened.lease.open(sealed) == PHOTO
    decryptor = opened.lease.decryptor()
    assert decryptor.update(sealed) == PHOTO
    decryptor.finish()
    opened.lease.end()
    with pytest.raises(RuntimeError, match="ended"):
        opened.lease.open(sealed)
    pair.bob.chat.close_view(id)
    with pytest.raises(Unavailable) as error:
        pair.bob.chat.open_view(id)
    assert error.value.name in ("expired", "not_timed")


def test_hidden_text_and_protection() -> None:
    pair = join(*configs("hybrid"))
    id = pair.alice.chat.send(Draft("secret", hidden=True, ttl=60))
    pair.alice.chat.send(Draft("stay", protected=True))
    _, told = pair.carry()
    hidden, protected = of_type(told, events.Message)
    assert (hidden.text, protected.text) == ("", "stay")
    assert (protected.rights.may_save, protected.rights.may_forward) == (False, False)
    pair.bob.chat.open_view(id)
    _, told = pair.carry()
    [opened] = of_type(told, events.Opened)
    content = opened.content.content
    check_fields(content)
    assert content.text == "secret"
    with pytest.raises(ApiMisuse) as error:
        pair.alice.chat.send(Draft("no timer", hidden=True))
    assert (error.value.name, error.value.code > 0) == ("hidden_without_timer", True)


def test_deletes_and_screenshots(pair: Pair) -> None:
    alice, bob = pair.alice.chat, pair.bob.chat
    ids = [alice.send(Draft(str(n))) for n in range(3)]
    pair.carry()
    alice.delete(ids[:1])
    bob.report_screenshot(ids[1:])
    told_alice, told_bob = pair.carry()
    assert [deleted.random_ids for deleted in of_type(told_bob, events.Deleted)] == [(ids[0],)]
    assert of_type(told_alice, events.Screenshot) == [events.Screenshot(tuple(ids[1:]))]
    alice.flush_history()
    _, told = pair.carry()
    assert of_type(told, events.HistoryFlushed) == [events.HistoryFlushed()]
    alice.typing("upload_photo")
    _, told = pair.carry()
    action: Any = "typing" if alice.profile == "telegram" else "upload_photo"
    assert of_type(told, events.Typing) == [events.Typing(action)]


def test_a_new_key(pair: Pair) -> None:
    pair.alice.chat.rekey()
    assert pair.alice.chat.rekey_state == "requested" and pair.alice.chat.exchange_id is not None
    both = pair.carry()
    assert [of_type(told, events.Rekeyed) for told in both] == [[events.Rekeyed(1)]] * 2
    assert pair.alice.chat.key_fingerprint == pair.bob.chat.key_fingerprint


def test_the_end(pair: Pair) -> None:
    pair.alice.chat.close("delete")
    _, told = pair.carry()
    [closed] = of_type(told, events.Closed)
    assert (closed.history, closed.is_violation) == ("delete", False)
    assert pair.bob.chat.close_reason == closed.reason
    with pytest.raises(Unavailable) as error:
        pair.bob.chat.send(Draft("?"))
    assert error.value.name == "chat_closed"


def test_verification_by_words_picture_and_code(pair: Pair) -> None:
    alice, bob = pair.alice.chat, pair.bob.chat
    value, code = alice.verification, bob.scan_code
    assert value is not None and code is not None and value == bob.verification
    alice.mark_verified(value)
    assert alice.verified is not None
    alice.clear_verified()
    assert alice.verified is None
    alice.mark_scanned(code)
    assert alice.verified is not None
    other = join(*configs(alice.profile)).bob.chat.scan_code
    assert other is not None
    with pytest.raises(secretchat.errors.VerifyError):
        alice.mark_scanned(other)


def test_exported_secrets_are_the_same() -> None:
    alice, bob = (config.with_exporter() for config in configs("x25519"))
    pair = join(alice, bob)
    secrets = [end.chat.export_secret(b"call", b"1", length=64) for end in (pair.alice, pair.bob)]
    assert secrets[0] == secrets[1] and len(secrets[0]) == 64
    assert secrets[0][:32] != pair.alice.chat.export_secret(b"other")
    with pytest.raises(ValueError, match="16, 32"):
        pair.alice.chat.export_secret(b"call", length=33)
    pair.alice.chat.forget_exporter()
    with pytest.raises(Unavailable) as error:
        pair.alice.chat.export_secret(b"call")
    assert error.value.name == "no_exporter"


def test_peeking_changes_nothing(pair: Pair) -> None:
    id = pair.alice.chat.send(Draft("hello"))
    _, sent, _ = pair.alice.outputs()
    [sealed] = [transmit for transmit in sent if isinstance(transmit, transmits.Ciphertext)]
    for _ in range(2):
        seen = pair.bob.chat.peek(sealed.bytes)
        assert isinstance(seen, media.Preview)
        check_fields(seen)
        assert seen.random_id == id
        if pair.bob.chat.profile == "telegram":
            # No notification of such a chat shows anything.
            assert (seen.most, seen.content) == ("nothing", None)
        else:
            assert seen.content == media.PreviewContent("hello", (), None)
    assert pair.bob.chat.on_ciphertext(sealed.bytes) == "applied"
    assert pair.bob.chat.peek(sealed.bytes) == "seen"
    assert pair.bob.chat.on_ciphertext(sealed.bytes) == "duplicate"


def test_diagnosis(pair: Pair) -> None:
    with pytest.raises(PeerFault) as fault:
        pair.bob.chat.on_ciphertext(b"\0" * 120)
    assert (fault.value.name, fault.value.code) == ("unknown_key", 301)
    assert str(fault.value) == "no key of this chat has this fingerprint; drop the message"
    last = pair.bob.chat.outcomes()[-1]
    check_fields(last)
    assert (last.cause, last.name) == ("ciphertext", "unknown_key")
    assert "unknown_key" in pair.bob.chat.diagnosis()


def test_declining_and_another_device() -> None:
    alice, bob = configs("x25519")
    chat = Chat.request(alice)
    [request] = chat
    assert isinstance(request, transmits.Request)
    invitation = Invitation(request.public, bob)
    discard = invitation.decline()
    assert isinstance(discard, transmits.Discard)
    with pytest.raises(RuntimeError, match="answered"):
        invitation.accept()
    assert chat.on_discarded(discard.history, discard.proof) == "chat_closed"
    assert (chat.state, chat.close_reason) == ("closed", "unproved")


def test_options_reach_the_crate() -> None:
    alice, bob = configs("x25519")
    alice = (
        alice.with_context(b"app")
        .with_host_data(b"row 7")
        .with_limits(outbox_messages=2)
        .with_ttl_bounds(5, 100)
        .with_notification_cap("sender")
        .with_message_padding("small")
        .with_rekey(messages=10)
    )
    bob = bob.with_context(b"app")
    pair = join(alice, bob)
    assert pair.alice.chat.host_data == b"row 7"
    pair.bob.chat.set_ttl(1000)
    told, _ = pair.carry()
    assert of_type(told, events.TtlChanged) == [events.TtlChanged(100, 1000, False)]
    chat = pair.alice.chat
    chat.send(Draft("1"))
    chat.send(Draft("2"))
    with pytest.raises(Unavailable) as error:
        chat.send(Draft("3"))
    assert error.value.name == "outbox_full"
    with pytest.raises(ApiMisuse):
        Config.x25519("same", "same")
    with pytest.raises(ApiMisuse):
        alice.with_layer(101)
