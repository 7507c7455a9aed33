/// The head of a drive.
///
/// A `Manifest` says which bytes on Walrus hold a drive's directory tree, and lets one writer at a
/// time move that pointer forward: a change names the sequence number that its writer last saw and
/// aborts with `EConflict` if someone else was there first. Between two trees a writer may leave
/// small records in the manifest itself (`append`), so that a change of a few bytes neither waits
/// for a Walrus blob nor pays for one; the next `commit` folds them in.
///
/// Nothing is checked against Walrus here: a reader checks what it fetches against `Root.hash`, and
/// a writer certifies its blobs in the transaction that commits them.
module walrusfs::manifest;

use std::string::String;
use sui::clock::Clock;
use sui::dynamic_field as field;
use sui::event;
use sui::vec_set::{Self, VecSet};

/// The rules that this code enforces. A manifest with another number is refused until its admin
/// calls `migrate` of the package version that knows its successor.
const SCHEMA: u64 = 1;

/// All inline records together. A Sui object may have 250 KiB; every change pays for the whole
/// object again (less the rebate), so a manifest stays far below.
const MAX_INLINE_BYTES: u64 = 48 * 1024;
const MAX_INLINE_RECORDS: u64 = 256;
const MAX_WRITERS: u64 = 64;
const MAX_NAME_BYTES: u64 = 255;
/// One hour: a writer that died holds up the others no longer than this.
const MAX_LEASE_MS: u64 = 60 * 60 * 1000;
/// Every mount reads all key slots.
const MAX_SLOT_BYTES: u64 = 16 * 1024;

/// The manifest moved on since the writer read it: read again, rebase, try again.
const EConflict: u64 = 0;
/// The capability belongs to another manifest.
const EWrongManifest: u64 = 1;
/// The writer capability was revoked.
const ERevoked: u64 = 2;
/// The manifest was sealed: its content never changes again.
const ESealed: u64 = 3;
/// The manifest has a schema number that this package version does not handle.
const EWrongSchema: u64 = 4;
/// No room for another inline record: commit a tree first.
const EInlineFull: u64 = 5;
/// An empty record, an empty root range, or no tree where one is needed.
const EEmpty: u64 = 6;
/// A renewal must move the end epoch forward.
const EEpochNotLater: u64 = 7;
/// No more writer capabilities can be handed out.
const ETooManyWriters: u64 = 8;
/// The name is too long.
const ENameTooLong: u64 = 9;
/// The capability is not in the list of writers.
const EUnknownWriter: u64 = 10;
/// `migrate` was called for a manifest that has this schema (or a later one).
const ENothingToMigrate: u64 = 11;
/// Another writer holds the lease.
const ELeased: u64 = 12;
/// A lease runs for at least one millisecond and at most an hour.
const ELeaseTime: u64 = 13;
/// The key slots were changed since the caller read them: read again, try again.
const ESlotsChanged: u64 = 14;
/// There are more bytes of key slots than a manifest takes.
const ESlotsTooLarge: u64 = 15;
/// A drive that something was written to without key slots stays without them.
const EUnsealed: u64 = 16;

/// Where the root of a directory tree lies on Walrus, and what a reader needs before fetching it.
public struct Root has copy, drop, store {
    /// Format of the tree; 0 means that the drive has no tree yet.
    format: u16,
    blob_id: u256,
    /// The root record's bytes in the (unencoded) blob.
    offset: u64,
    length: u64,
    /// SHA-256 of those bytes, taken as a little-endian number as Walrus does with its blob ids.
    hash: u256,
    /// Totals, so that statfs needs no tree.
    used_bytes: u64,
    used_inodes: u64,
    /// First Walrus epoch in which some blob that the tree names is no longer stored.
    end_epoch: u32,
}

/// One drive. `key` only: this module alone can share, keep or freeze it, and nobody can wrap it.
public struct Manifest has key {
    id: UID,
    schema: u64,
    /// Grows by one with each `commit` and `append`: what compare-and-swap compares.
    seq: u64,
    /// The number that the last `commit` set; inline records have the numbers after it.
    root_seq: u64,
    sealed: bool,
    root: Root,
    /// Changes since `root`, oldest first, in the client's own format.
    inline: vector<vector<u8>>,
    inline_bytes: u64,
    /// The writer capability of the last commit or append.
    last_writer: ID,
    writers: VecSet<ID>,
    /// Who asked the others to wait, and until when (milliseconds since 1970; 0: nobody).
    lease_writer: ID,
    lease_until_ms: u64,
    name: String,
}

/// Grants and revokes writers of one manifest, seals, migrates and destroys it.
public struct AdminCap has key, store { id: UID, manifest: ID }

/// Changes one manifest, as long as the manifest lists it.
public struct WriterCap has key, store { id: UID, manifest: ID }

/// A frozen copy of a manifest's head, mountable by its own id. Its end epoch is that of the moment
/// it was made: later renewals are seen on the blobs themselves.
public struct Snapshot has key {
    id: UID,
    manifest: ID,
    schema: u64,
    seq: u64,
    root: Root,
    inline: vector<vector<u8>>,
    name: String,
}

/// Names the key slots among the manifest's dynamic fields.
public struct SlotsKey() has copy, drop, store;

/// The ways to a sealed drive's key, in the client's own format. A drive that has them is sealed: whoever writes
/// to it writes nothing that can be read without that key.
public struct Slots has drop, store {
    /// Grows by one with each change: what `set_slots` compares.
    revision: u64,
    bytes: vector<u8>,
}

public struct Created has copy, drop { manifest: ID, admin: ID, writer: ID, name: String }
public struct Committed has copy, drop { manifest: ID, seq: u64, root: Root, writer: ID }
public struct Appended has copy, drop { manifest: ID, seq: u64, bytes: u64, writer: ID }
public struct Renewed has copy, drop { manifest: ID, seq: u64, end_epoch: u32, writer: ID }
public struct Granted has copy, drop { manifest: ID, writer: ID }
public struct Revoked has copy, drop { manifest: ID, writer: ID }
public struct Sealed has copy, drop { manifest: ID, seq: u64 }
public struct Leased has copy, drop { manifest: ID, writer: ID, until_ms: u64 }
public struct Snapshotted has copy, drop { manifest: ID, snapshot: ID, seq: u64 }
public struct SlotsChanged has copy, drop { manifest: ID, revision: u64 }
public struct Destroyed has copy, drop { manifest: ID, seq: u64 }

/// The root of a drive that has no tree yet.
public fun empty_root(): Root {
    Root {
        format: 0,
        blob_id: 0,
        offset: 0,
        length: 0,
        hash: 0,
        used_bytes: 0,
        used_inodes: 0,
        end_epoch: 0,
    }
}

/// The root of a tree.
public fun new_root(
    format: u16,
    blob_id: u256,
    offset: u64,
    length: u64,
    hash: u256,
    used_bytes: u64,
    used_inodes: u64,
    end_epoch: u32,
): Root {
    assert!(format != 0 && length != 0, EEmpty);
    Root { format, blob_id, offset, length, hash, used_bytes, used_inodes, end_epoch }
}

/// Makes a drive. The caller hands the manifest to `share`, `keep` or `freeze_manifest` in the same
/// transaction, and both capabilities to whom it likes.
public fun new(name: String, root: Root, ctx: &mut TxContext): (Manifest, AdminCap, WriterCap) {
    assert!(name.as_bytes().length() <= MAX_NAME_BYTES, ENameTooLong);
    let id = object::new(ctx);
    let manifest = id.to_inner();
    let admin = AdminCap { id: object::new(ctx), manifest };
    let writer = WriterCap { id: object::new(ctx), manifest };
    let writer_id = writer.id.to_inner();
    event::emit(Created { manifest, admin: admin.id.to_inner(), writer: writer_id, name });
    let m = Manifest {
        id,
        schema: SCHEMA,
        seq: 0,
        root_seq: 0,
        sealed: false,
        root,
        inline: vector[],
        inline_bytes: 0,
        last_writer: writer_id,
        writers: vec_set::singleton(writer_id),
        lease_writer: writer_id,
        lease_until_ms: 0,
        name,
    };
    (m, admin, writer)
}

/// For several writers, ordered by consensus.
#[allow(lint(share_owned))]
public fun share(m: Manifest) { transfer::share_object(m) }

/// For one account, without consensus. Whoever owns it needs a capability as well.
public fun keep(m: Manifest, owner: address) { transfer::transfer(m, owner) }

/// A drive that is read-only from the start, or an owned one that becomes so.
#[allow(lint(freeze_wrapped))]
public fun freeze_manifest(m: Manifest, admin: &AdminCap) {
    assert_admin(&m, admin);
    transfer::freeze_object(m)
}

/// Puts a new tree in place of the one that the writer last saw, inline records included.
public fun commit(m: &mut Manifest, cap: &WriterCap, expected_seq: u64, root: Root) {
    let writer = assert_writer(m, cap, expected_seq);
    assert!(!m.sealed, ESealed);
    assert!(root.format != 0, EEmpty);
    let seq = m.seq + 1;
    m.seq = seq;
    m.root_seq = seq;
    m.root = root;
    m.inline = vector[];
    m.inline_bytes = 0;
    m.last_writer = writer;
    event::emit(Committed { manifest: m.id.to_inner(), seq, root, writer });
}

/// Records a small change on top of the present tree.
public fun append(m: &mut Manifest, cap: &WriterCap, expected_seq: u64, record: vector<u8>) {
    let writer = assert_writer(m, cap, expected_seq);
    assert!(!m.sealed, ESealed);
    let bytes = record.length();
    assert!(bytes != 0, EEmpty);
    assert!(m.inline_bytes + bytes <= MAX_INLINE_BYTES, EInlineFull);
    assert!(m.inline.length() < MAX_INLINE_RECORDS, EInlineFull);
    let seq = m.seq + 1;
    m.seq = seq;
    m.inline.push_back(record);
    m.inline_bytes = m.inline_bytes + bytes;
    m.last_writer = writer;
    event::emit(Appended { manifest: m.id.to_inner(), seq, bytes, writer });
}

/// Says that every blob of the present tree was extended. The tree stays the same and so does the
/// sequence number: no other writer's work is upset, but the caller must have seen this very tree.
/// Of two writers that extend the same blobs the second aborts and pays nothing. A sealed drive may
/// be kept alive, so this works there, too.
public fun renew(m: &mut Manifest, cap: &WriterCap, expected_seq: u64, end_epoch: u32) {
    let writer = assert_writer(m, cap, expected_seq);
    assert!(m.root.format != 0, EEmpty);
    assert!(end_epoch > m.root.end_epoch, EEpochNotLater);
    m.root.end_epoch = end_epoch;
    event::emit(Renewed { manifest: m.id.to_inner(), seq: m.seq, end_epoch, writer });
}

/// Aborts unless the manifest is where the caller saw it: makes the other commands of a transaction
/// conditional (a Walrus purchase, say, that a lost race would waste).
public fun assert_seq(m: &Manifest, expected_seq: u64) { assert!(m.seq == expected_seq, EConflict) }

/// Asks the other writers to wait, or goes on asking. Commits do not depend on it: the lease is a
/// courtesy between mounts that look at it, the sequence number is what keeps the drive whole.
public fun lease(m: &mut Manifest, cap: &WriterCap, duration_ms: u64, clock: &Clock) {
    let writer = assert_listed(m, cap);
    assert!(!m.sealed, ESealed);
    assert!(duration_ms != 0 && duration_ms <= MAX_LEASE_MS, ELeaseTime);
    let now = clock.timestamp_ms();
    assert!(m.lease_writer == writer || m.lease_until_ms <= now, ELeased);
    m.lease_writer = writer;
    m.lease_until_ms = now + duration_ms;
    event::emit(Leased { manifest: m.id.to_inner(), writer, until_ms: m.lease_until_ms });
}

/// Ends the caller's lease, if it has one.
public fun release(m: &mut Manifest, cap: &WriterCap) {
    let writer = assert_listed(m, cap);
    end_lease(m, writer);
}

public fun grant(m: &mut Manifest, admin: &AdminCap, ctx: &mut TxContext): WriterCap {
    assert_live_admin(m, admin);
    assert!(m.writers.length() < MAX_WRITERS, ETooManyWriters);
    let cap = WriterCap { id: object::new(ctx), manifest: m.id.to_inner() };
    let writer = cap.id.to_inner();
    m.writers.insert(writer);
    event::emit(Granted { manifest: cap.manifest, writer });
    cap
}

/// Works without the capability itself, which may be in hands that no longer deserve it.
public fun revoke(m: &mut Manifest, admin: &AdminCap, writer: ID) {
    assert_live_admin(m, admin);
    assert!(m.writers.contains(&writer), EUnknownWriter);
    strike(m, writer);
}

/// A writer bows out.
public fun resign(m: &mut Manifest, cap: WriterCap) {
    assert!(m.schema == SCHEMA, EWrongSchema);
    let WriterCap { id, manifest } = cap;
    assert!(manifest == m.id.to_inner(), EWrongManifest);
    let writer = id.to_inner();
    if (m.writers.contains(&writer)) strike(m, writer);
    id.delete();
}

/// Throws a capability away (its manifest may be gone already). A writer that is still listed can
/// be struck off with `revoke`.
public fun discard(cap: WriterCap) {
    let WriterCap { id, manifest: _ } = cap;
    id.delete();
}

/// No change of content any more, for good. The admin may still destroy the manifest: who wants a
/// state that nobody can take away makes a `snapshot`.
public fun seal(m: &mut Manifest, admin: &AdminCap) {
    assert_live_admin(m, admin);
    m.sealed = true;
    event::emit(Sealed { manifest: m.id.to_inner(), seq: m.seq });
}

/// Replaces the key slots that the admin last saw; 0 is the revision of a drive that has none, and gets them before anything
/// is written to it or never. Works on a sealed manifest, too: what it holds stays the same.
public fun set_slots(
    m: &mut Manifest,
    admin: &AdminCap,
    expected_revision: u64,
    bytes: vector<u8>,
) {
    assert_admin(m, admin);
    assert!(bytes.length() != 0, EEmpty);
    assert!(bytes.length() <= MAX_SLOT_BYTES, ESlotsTooLarge);
    let revision = slots_revision(m);
    assert!(revision == expected_revision, ESlotsChanged);
    let next = revision + 1;
    if (revision == 0) {
        assert!(m.seq == 0, EUnsealed);
        field::add(&mut m.id, SlotsKey(), Slots { revision: next, bytes });
    } else {
        let slots: &mut Slots = field::borrow_mut(&mut m.id, SlotsKey());
        slots.revision = next;
        slots.bytes = bytes;
    };
    event::emit(SlotsChanged { manifest: m.id.to_inner(), revision: next });
}

/// Adopts a manifest of an earlier schema after a package upgrade.
public fun migrate(m: &mut Manifest, admin: &AdminCap) {
    assert!(admin.manifest == m.id.to_inner(), EWrongManifest);
    assert!(m.schema < SCHEMA, ENothingToMigrate);
    m.schema = SCHEMA;
}

/// Anyone may keep the present state for good, at their own cost.
public fun snapshot(m: &Manifest, ctx: &mut TxContext): ID {
    let s = Snapshot {
        id: object::new(ctx),
        manifest: m.id.to_inner(),
        schema: m.schema,
        seq: m.seq,
        root: m.root,
        inline: m.inline,
        name: m.name,
    };
    let snapshot = s.id.to_inner();
    event::emit(Snapshotted { manifest: s.manifest, snapshot, seq: s.seq });
    transfer::freeze_object(s);
    snapshot
}

/// The end of a drive; the storage rebate goes to whoever pays for the transaction. Fields added
/// through `uid_mut` are lost unless they are taken out before.
public fun destroy(mut m: Manifest, admin: AdminCap) {
    assert_admin(&m, &admin);
    if (is_encrypted(&m)) {
        let _: Slots = field::remove(&mut m.id, SlotsKey());
    };
    let Manifest { id, seq, .. } = m;
    let AdminCap { id: admin_id, manifest } = admin;
    event::emit(Destroyed { manifest, seq });
    admin_id.delete();
    id.delete();
}

/// For packages that hang dynamic fields on a manifest (custody of blobs, labels).
public fun uid(m: &Manifest): &UID { &m.id }

public fun uid_mut(m: &mut Manifest, admin: &AdminCap): &mut UID {
    assert_live_admin(m, admin);
    &mut m.id
}

public fun schema(m: &Manifest): u64 { m.schema }
public fun seq(m: &Manifest): u64 { m.seq }
public fun root_seq(m: &Manifest): u64 { m.root_seq }
public fun is_sealed(m: &Manifest): bool { m.sealed }
public fun root(m: &Manifest): Root { m.root }
public fun inline(m: &Manifest): &vector<vector<u8>> { &m.inline }
public fun inline_bytes(m: &Manifest): u64 { m.inline_bytes }
public fun last_writer(m: &Manifest): ID { m.last_writer }
public fun is_writer(m: &Manifest, writer: ID): bool { m.writers.contains(&writer) }
public fun writer_count(m: &Manifest): u64 { m.writers.length() }
public fun lease_writer(m: &Manifest): ID { m.lease_writer }
public fun lease_until_ms(m: &Manifest): u64 { m.lease_until_ms }
public fun name(m: &Manifest): &String { &m.name }

/// It has key slots.
public fun is_encrypted(m: &Manifest): bool { field::exists_(&m.id, SlotsKey()) }

/// 0 where there are none.
public fun slots_revision(m: &Manifest): u64 {
    if (!is_encrypted(m)) return 0;
    let slots: &Slots = field::borrow(&m.id, SlotsKey());
    slots.revision
}

public fun slots_bytes(m: &Manifest): vector<u8> {
    if (!is_encrypted(m)) return vector[];
    let slots: &Slots = field::borrow(&m.id, SlotsKey());
    slots.bytes
}

public fun admin_manifest(cap: &AdminCap): ID { cap.manifest }
public fun writer_manifest(cap: &WriterCap): ID { cap.manifest }

public fun root_format(r: &Root): u16 { r.format }
public fun root_blob_id(r: &Root): u256 { r.blob_id }
public fun root_offset(r: &Root): u64 { r.offset }
public fun root_length(r: &Root): u64 { r.length }
public fun root_hash(r: &Root): u256 { r.hash }
public fun root_used_bytes(r: &Root): u64 { r.used_bytes }
public fun root_used_inodes(r: &Root): u64 { r.used_inodes }
public fun root_end_epoch(r: &Root): u32 { r.end_epoch }

public fun snapshot_manifest(s: &Snapshot): ID { s.manifest }
public fun snapshot_schema(s: &Snapshot): u64 { s.schema }
public fun snapshot_seq(s: &Snapshot): u64 { s.seq }
public fun snapshot_root(s: &Snapshot): Root { s.root }
public fun snapshot_inline(s: &Snapshot): &vector<vector<u8>> { &s.inline }
public fun snapshot_name(s: &Snapshot): &String { &s.name }

fun assert_listed(m: &Manifest, cap: &WriterCap): ID {
    assert!(m.schema == SCHEMA, EWrongSchema);
    assert!(cap.manifest == m.id.to_inner(), EWrongManifest);
    let writer = cap.id.to_inner();
    assert!(m.writers.contains(&writer), ERevoked);
    writer
}

fun assert_writer(m: &Manifest, cap: &WriterCap, expected_seq: u64): ID {
    let writer = assert_listed(m, cap);
    assert!(m.seq == expected_seq, EConflict);
    writer
}

fun assert_admin(m: &Manifest, admin: &AdminCap) {
    assert!(m.schema == SCHEMA, EWrongSchema);
    assert!(admin.manifest == m.id.to_inner(), EWrongManifest);
}

fun assert_live_admin(m: &Manifest, admin: &AdminCap) {
    assert_admin(m, admin);
    assert!(!m.sealed, ESealed);
}

fun strike(m: &mut Manifest, writer: ID) {
    m.writers.remove(&writer);
    end_lease(m, writer);
    event::emit(Revoked { manifest: m.id.to_inner(), writer });
}

fun end_lease(m: &mut Manifest, writer: ID) {
    if (m.lease_writer == writer) m.lease_until_ms = 0;
}

#[test_only]
public fun set_schema_for_testing(m: &mut Manifest, schema: u64) { m.schema = schema }
