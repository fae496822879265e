// Prints messages a second through both ends, on one core: `node scripts/speed.mjs`.
import { Secretchat } from "../dist/index.js";

const secretchat = await Secretchat.load();
const MESSAGES = 2000;

function meet(profile, storeKey) {
  const config = (localId, peerId) => ({ profile, ...(storeKey && { storeKey }), ...(profile !== "telegram" && { localId, peerId }) });
  const alice = secretchat.request(config("alice", "bob"));
  const [request] = [...alice.outputs()].filter((output) => output.kind === "transmit");
  const bob = secretchat.invitation(request.transmit.publicValue, config("bob", "alice")).accept();
  carry(bob, alice);
  carry(alice, bob);
  carry(bob, alice);
  return [alice, bob];
}

function carry(from, to) {
  let messages = 0;
  for (const output of from.outputs()) {
    if (output.kind === "event") messages += output.event.type === "message" ? 1 : 0;
    if (output.kind !== "transmit") continue;
    const { transmit } = output;
    if (transmit.type === "accept") to.accepted(transmit.publicValue, transmit.fingerprint);
    if (transmit.type === "ciphertext") to.ciphertext(transmit.bytes);
  }
  return messages;
}

for (const profile of ["x25519", "hybrid", "telegram"]) {
  for (const storeKey of [undefined, secretchat.random(32)]) {
    let best = 0;
    for (let round = 0; round < 5; round += 1) {
      const ends = meet(profile, storeKey);
      const start = process.cpuUsage();
      let read = 0;
      for (let number = 0; number < MESSAGES; number += 1) {
        const [from, to] = number % 2 === 0 ? ends : [ends[1], ends[0]];
        from.send({ text: "a text of forty letters, more or less so" });
        carry(from, to);
        read += carry(to, from);
      }
      const { user, system } = process.cpuUsage(start);
      if (read !== MESSAGES) throw new Error(`${read} of ${MESSAGES} were read`);
      best = Math.max(best, (MESSAGES * 1e6) / (user + system));
      for (const end of ends) end.free();
    }
    console.log(`${profile}${storeKey ? " with records" : ""}: ${Math.round(best)} messages a second`);
  }
}
