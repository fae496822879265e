// The same in C++: two ends that exchange keys, a file in pieces, a message to view once, an album and a new key, with the
// records of one end in SQLite, from which it starts again.
#include <sqlite3.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "secretchat.h"

namespace {

using Bytes = std::vector<std::uint8_t>;

// Handles that free themselves.
template <auto Free> struct Freed {
  template <class T> void operator()(T *handle) const { Free(handle); }
};
template <class T, auto Free> using Handle = std::unique_ptr<T, Freed<Free>>;
using Buffer = Handle<ScBuffer, sc_buffer_free>;
using Chat = Handle<ScChat, sc_chat_free>;
using Decryptor = Handle<ScDecryptor, sc_decryptor_free>;
using Encryptor = Handle<ScEncryptor, sc_encryptor_free>;
using Env = Handle<ScEnv, sc_env_free>;
using Invitation = Handle<ScInvitation, sc_invitation_free>;
using Lease = Handle<ScLease, sc_lease_free>;
using MediaKey = Handle<ScMediaKey, sc_media_key_free>;

struct Error : std::runtime_error {
  explicit Error(ScStatus status) : std::runtime_error(words(status)), status(status) {}
  static std::string words(ScStatus status) {
    char text[200];
    sc_error_advice(status, text, sizeof text);
    return text;
  }
  ScStatus status;
};

void must(ScStatus status) {
  if (status != SC_OK) throw Error(status);
}

// Calls a function whose last argument gets a new handle.
template <class Owner, class Call> Owner make(Call call) {
  typename Owner::pointer handle = nullptr;
  must(call(&handle));
  return Owner(handle);
}

void check(bool is_so, const char *what) {
  if (!is_so) throw std::runtime_error(what);
}

Bytes bytes(ScBytes from) { return Bytes(from.data, from.data + from.len); }
ScBytes lend(const Bytes &from) { return sc_bytes(from.data(), from.size()); }

// The files that both ends reach, encrypted.
std::map<Bytes, Bytes> server;

class Records {
 public:
  explicit Records(const char *path) {
    sqlite3 *opened = nullptr;
    check(sqlite3_open(path, &opened) == SQLITE_OK, "the database opens");
    db_.reset(opened);
    run("PRAGMA secure_delete = ON");
    run("CREATE TABLE IF NOT EXISTS records (name BLOB PRIMARY KEY, value BLOB)");
  }

  void apply(const ScBatch &batch) {
    run("BEGIN");
    for (std::size_t i = 0; i < batch.put_count; i++) row("INSERT OR REPLACE INTO records VALUES (?, ?)", batch.put[i]);
    for (std::size_t i = 0; i < batch.remove_count; i++) row("DELETE FROM records WHERE name = ?", batch.remove[i]);
    run("COMMIT");
    id_ = Bytes(batch.chat_id, batch.chat_id + 16);
    checkpoint_ = batch.checkpoint;
  }

  Chat restore(const Bytes &key, ScEnv *env) const {
    std::vector<Bytes> values;
    std::vector<ScRow> rows;
    sqlite3_stmt *read = nullptr;
    check(sqlite3_prepare_v2(db_.get(), "SELECT name, value FROM records", -1, &read, nullptr) == SQLITE_OK, "select");
    while (sqlite3_step(read) == SQLITE_ROW) {
      ScRow row = {};
      const auto *name = static_cast<const std::uint8_t *>(sqlite3_column_blob(read, 0));
      const auto *value = static_cast<const std::uint8_t *>(sqlite3_column_blob(read, 1));
      std::copy(name, name + SC_RECORD_NAME_LEN, row.name);
      values.emplace_back(value, value + sqlite3_column_bytes(read, 1));
      rows.push_back(row);
    }
    sqlite3_finalize(read);
    for (std::size_t i = 0; i < rows.size(); i++) rows[i].value = lend(values[i]);
    return make<Chat>([&](ScChat **out) {
      return sc_chat_restore(id_.data(), rows.data(), rows.size(), key.data(), &checkpoint_, env, out);
    });
  }

 private:
  void run(const char *sql) { check(sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr) == SQLITE_OK, sql); }

  void row(const char *sql, const ScRow &row) {
    sqlite3_stmt *write = nullptr;
    check(sqlite3_prepare_v2(db_.get(), sql, -1, &write, nullptr) == SQLITE_OK, sql);
    sqlite3_bind_blob(write, 1, row.name, SC_RECORD_NAME_LEN, SQLITE_STATIC);
    if (row.value.data) sqlite3_bind_blob(write, 2, row.value.data, static_cast<int>(row.value.len), SQLITE_STATIC);
    check(sqlite3_step(write) == SQLITE_DONE, sql);
    sqlite3_finalize(write);
  }

  Handle<sqlite3, sqlite3_close> db_;
  Bytes id_;
  ScCheckpoint checkpoint_ = {};
};

struct End {
  explicit End(std::uint16_t profile) : profile(profile) {}
  std::uint16_t profile;
  Env env = make<Env>([](ScEnv **out) { return sc_env_system(out); });
  Chat chat;
  Records *records = nullptr;
  std::vector<std::string> texts;
  std::vector<std::int64_t> ids;
  Bytes file;  // the last file that was decrypted
  std::uint64_t album = 0;
  unsigned rekeys = 0, expired = 0;
};

// Decrypts in pieces of 1,000 bytes.
Bytes decrypt(Decryptor decryptor, const Bytes &sealed) {
  Bytes content;
  for (std::size_t at = 0;;) {
    std::size_t taken = 0;
    ScBytes out = {};
    const std::size_t piece = std::min<std::size_t>(1000, sealed.size() - at);
    must(sc_decryptor_update(decryptor.get(), sealed.data() + at, piece, &taken, &out));
    content.insert(content.end(), out.data, out.data + out.len);
    at += taken;
    if (piece == 0 && out.len == 0) break;
  }
  must(sc_decryptor_finish(decryptor.get()));
  return content;
}

// Encrypts in pieces of 999 bytes.
MediaKey encrypt(End &end, const Bytes &content, const Bytes &name) {
  auto encryptor = make<Encryptor>(
      [&](ScEncryptor **out) { return sc_encryptor_new(end.profile, content.size(), end.env.get(), out); });
  Bytes &sealed = server[name];
  for (std::size_t at = 0;;) {
    std::size_t taken = 0;
    ScBytes out = {};
    const std::size_t piece = std::min<std::size_t>(999, content.size() - at);
    must(sc_encryptor_update(encryptor.get(), content.data() + at, piece, &taken, &out));
    sealed.insert(sealed.end(), out.data, out.data + out.len);
    at += taken;
    if (piece == 0 && out.len == 0) break;
  }
  check(sealed.size() == sc_encryptor_encrypted_len(encryptor.get()), "the length is known before");
  return make<MediaKey>([&](ScMediaKey **out) { return sc_encryptor_finish(encryptor.get(), out); });
}

void told(End &end, const ScOutput &out) {
  if (out.what == SC_EVENT_MESSAGE) {
    const ScContent &content = out.message->content;
    end.texts.emplace_back(reinterpret_cast<const char *>(content.text.data), content.text.len);
    end.ids.push_back(out.random_id);
    end.album += out.message->has_grouped_id;
    if (content.media && content.media->key.data) {
      auto key = make<MediaKey>([&](ScMediaKey **made) {
        return sc_media_key_from_parts(end.profile, content.media->key.data, content.media->iv.data, made);
      });
      auto decryptor =
          make<Decryptor>([&](ScDecryptor **made) { return sc_decryptor_new(key.get(), content.media->size, made); });
      end.file = decrypt(std::move(decryptor), server.at(bytes(out.message->file.reference)));
    }
  } else if (out.what == SC_EVENT_OPENED) {
    if (out.content) end.texts.emplace_back(reinterpret_cast<const char *>(out.content->text.data), out.content->text.len);
    if (out.has_lease) {
      auto lease = make<Lease>([&](ScLease **made) { return sc_chat_take_lease(end.chat.get(), made); });
      auto decryptor = make<Decryptor>([&](ScDecryptor **made) { return sc_lease_decryptor(lease.get(), made); });
      end.file = decrypt(std::move(decryptor), server.at(bytes(sc_chat_file_of(end.chat.get(), out.random_id))));
    }
  } else if (out.what == SC_EVENT_REKEYED) {
    end.rekeys = out.rekeys;
  } else if (out.what == SC_EVENT_EXPIRED) {
    end.expired++;
  }
}

ScConfig config(std::uint16_t profile, const char *own, const char *peer, const Bytes &key) {
  ScConfig config = {};
  must(sc_config_init(&config, profile));
  config.store_key = lend(key);
  if (profile == SC_PROFILE_TELEGRAM) {
    config.view_once = 1;
  } else {
    config.local_id = sc_text(own);
    config.peer_id = sc_text(peer);
    config.exporter = 1;
  }
  return config;
}

const Bytes KEY(32, 0x5a);  // in a program of your own: random, and kept in the system's keystore

// Carries everything, both ways, until nothing is left.
void carry(End &from, End &to) {
  bool moved = false;
  ScOutput out = {};
  for (must(sc_chat_poll(from.chat.get(), &out)); out.kind; must(sc_chat_poll(from.chat.get(), &out))) {
    moved = true;
    if (out.kind == SC_OUTPUT_PERSIST && from.records) from.records->apply(*out.batch);
    if (out.kind == SC_OUTPUT_EVENT) told(from, out);
    if (out.kind != SC_OUTPUT_TRANSMIT) continue;
    if (out.what == SC_TRANSMIT_KIND_REQUEST) {
      const ScConfig own = config(to.profile, "bob", "alice", KEY);
      auto invitation = make<Invitation>(
          [&](ScInvitation **made) { return sc_invitation_parse(out.bytes.data, out.bytes.len, &own, made); });
      to.chat = make<Chat>([&](ScChat **made) { return sc_invitation_accept(invitation.get(), to.env.get(), made); });
    } else if (out.what == SC_TRANSMIT_KIND_ACCEPT) {
      must(sc_chat_accepted(to.chat.get(), to.env.get(), out.bytes.data, out.bytes.len, out.fingerprint, nullptr));
    } else if (out.what == SC_TRANSMIT_KIND_CIPHERTEXT) {
      ScIncomingFile file = {};
      file.reference = out.file;
      must(sc_chat_ciphertext(to.chat.get(), to.env.get(), out.bytes.data, out.bytes.len, &file, SC_NO_TIME, nullptr));
      must(sc_chat_carried(from.chat.get(), from.env.get(), out.transmit_id, SC_NO_TIME, nullptr));
    }
  }
  if (moved) carry(to, from);
}

ScMedia photo(const ScMediaKey *key, std::uint64_t size) {
  ScMedia photo = {};
  photo.kind = SC_MEDIA_PHOTO;
  photo.width = photo.height = 100;
  photo.size = size;
  photo.key = sc_media_key_key(key);
  photo.iv = sc_media_key_iv(key);
  return photo;
}

void story(std::uint16_t profile, const char *path) {
  std::remove(path);
  Records records(path);
  End alice{profile}, bob{profile};
  alice.records = &records;
  std::uint64_t now = 1700000000000;
  for (End *end : {&alice, &bob}) must(sc_env_set_now(end->env.get(), now));
  const ScConfig own = config(profile, "alice", "bob", KEY);
  alice.chat = make<Chat>([&](ScChat **out) { return sc_chat_request(&own, alice.env.get(), out); });
  carry(alice, bob);
  carry(bob, alice);

  // An album of two photos, encrypted in pieces.
  const Bytes first(70000, 1), second(123457, 2);
  MediaKey one = encrypt(alice, first, Bytes(16, 1)), two = encrypt(alice, second, Bytes(16, 2));
  ScMedia photos[2] = {photo(one.get(), first.size()), photo(two.get(), second.size())};
  ScDraft drafts[2] = {};
  const Bytes names[2] = {Bytes(16, 1), Bytes(16, 2)};
  for (int i = 0; i < 2; i++) {
    drafts[i].media = &photos[i];
    drafts[i].file = lend(names[i]);
  }
  drafts[0].text = sc_text("two photos");
  std::int64_t ids[2] = {};
  must(sc_chat_send_album(alice.chat.get(), alice.env.get(), drafts, 2, ids));
  carry(alice, bob);
  check(bob.album == 2 && bob.file == second && bob.ids == std::vector<std::int64_t>(ids, ids + 2), "the album came");

  // The process of Alice ends, and starts again from the records.
  alice.chat = records.restore(KEY, alice.env.get());

  // A photo to view once: its key is in the lease.
  ScDraft once = drafts[0];
  once.has_ttl = 1;
  once.ttl = SC_TTL_VIEW_ONCE;
  must(sc_chat_send(alice.chat.get(), alice.env.get(), &once, nullptr));
  carry(alice, bob);
  must(sc_chat_open_view(bob.chat.get(), bob.env.get(), bob.ids.back(), nullptr));
  carry(bob, alice);
  check(bob.file == first, "the photo was seen");
  must(sc_chat_close_view(bob.chat.get(), bob.env.get(), bob.ids.back()));
  carry(bob, alice);
  check(bob.expired == 1, "it is gone");

  // A new key, and a secret that both ends share.
  must(sc_chat_rekey(bob.chat.get(), bob.env.get()));
  carry(bob, alice);
  for (int i = 0; i < 2; i++) {
    ScDraft text = {};
    text.text = sc_text("under a new key");
    must(sc_chat_send(bob.chat.get(), bob.env.get(), &text, nullptr));
    carry(bob, alice);
    must(sc_chat_send(alice.chat.get(), alice.env.get(), &text, nullptr));
    carry(alice, bob);
  }
  check(alice.rekeys == 1 && bob.rekeys == 1, "both have the new key");
  std::uint8_t ours[32] = {}, theirs[32] = {};
  const ScStatus exported = sc_chat_export(alice.chat.get(), sc_text("call").data, 4, nullptr, 0, ours, sizeof ours);
  if (profile == SC_PROFILE_TELEGRAM) {
    check(exported == SC_UNAVAILABLE_NO_EXPORTER, "Telegram exports nothing");
  } else {
    must(exported);
    must(sc_chat_export(bob.chat.get(), sc_text("call").data, 4, nullptr, 0, theirs, sizeof theirs));
    check(std::equal(ours, ours + 32, theirs), "the secrets are the same");
  }

  // Both see the same value to compare.
  ScState a = {}, b = {};
  must(sc_chat_state(alice.chat.get(), &a));
  must(sc_chat_state(bob.chat.get(), &b));
  check(std::equal(a.verification, a.verification + SC_VERIFICATION_LEN, b.verification), "nobody is in between");
  std::printf("the story of profile %d is whole\n", profile);
}

}  // namespace

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  try {
    for (std::uint16_t profile : {SC_PROFILE_TELEGRAM, SC_PROFILE_X25519, SC_PROFILE_HYBRID}) {
      story(profile, (std::string(argv[1]) + "/alice.db").c_str());
      server.clear();
    }
  } catch (const std::exception &error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
