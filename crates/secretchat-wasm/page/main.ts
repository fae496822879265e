// Two phones side by side: each has its chat and its records in IndexedDB. Drop a photo on one of them. Reload the page at any
// time: both go on from their records.
import { IndexedDbStore, Secretchat } from "secretchat";
import { Phone } from "./phone.js";
import { Screen } from "./screen.js";

const secretchat = await Secretchat.load();
// Sealed files lie where a server would have them. They are lost when the page is reloaded.
const files = new Map<string, Uint8Array>();

const [alice, bob] = (await Promise.all(["alice", "bob"].map(async (name) => {
  const store = await IndexedDbStore.open(`secretchat-page-${name}`);
  return new Phone(secretchat, name, store, storeKey(name), files, new Screen(name));
}))) as [Phone, Phone];
alice.connect(bob);
bob.connect(alice);
if (!((await alice.restore()) && (await bob.restore()))) await alice.call();
document.body.dataset["ready"] = "yes";

/** For this page only: whoever reads the browser's files reads the key. An app asks the user for a password. */
function storeKey(name: string): Uint8Array {
  const kept = localStorage.getItem(`secretchat-page-${name}`);
  if (kept) return Uint8Array.from(kept.split(","), Number);
  const key = secretchat.random(32);
  localStorage.setItem(`secretchat-page-${name}`, key.join());
  return key;
}
