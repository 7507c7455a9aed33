#[test_only]
module walrusfs::manifest_tests;

use sui::clock;
use sui::event;
use sui::test_scenario::{Self as ts, Scenario};
use walrusfs::manifest::{Self as mf, Manifest, AdminCap, WriterCap, Snapshot};

const ALICE: address = @0xA11CE;
const BOB: address = @0xB0B;

fun some_root(n: u64): mf::Root {
    mf::new_root(1, 0xB10B + (n as u256), 64, 4096, 0x4A54, n * 10, n, 40)
}

/// A shared manifest; Alice holds the admin and a writer capability.
fun start(): Scenario {
    let mut sc = ts::begin(ALICE);
    let (m, admin, writer) = mf::new(b"drive".to_string(), mf::empty_root(), sc.ctx());
    mf::share(m);
    transfer::public_transfer(admin, ALICE);
    transfer::public_transfer(writer, ALICE);
    sc.next_tx(ALICE);
    sc
}

fun grant_bob(sc: &mut Scenario): ID {
    let mut m = sc.take_shared<Manifest>();
    let admin = sc.take_from_sender<AdminCap>();
    let cap = m.grant(&admin, sc.ctx());
    let id = object::id(&cap);
    transfer::public_transfer(cap, BOB);
    sc.return_to_sender(admin);
    ts::return_shared(m);
    sc.next_tx(BOB);
    id
}

#[test]
fun birth_and_first_commit() {
    let mut sc = start();
    let mut m = sc.take_shared<Manifest>();
    let w = sc.take_from_sender<WriterCap>();
    assert!(m.seq() == 0 && m.schema() == 1 && !m.is_sealed() && m.writer_count() == 1);
    assert!(m.name() == &b"drive".to_string());
    assert!(mf::root_format(&m.root()) == 0);

    m.commit(&w, 0, some_root(7));
    assert!(m.seq() == 1 && m.root_seq() == 1);
    let r = m.root();
    assert!(mf::root_blob_id(&r) == 0xB10B + 7 && mf::root_used_inodes(&r) == 7);
    assert!(mf::root_end_epoch(&r) == 40 && mf::root_length(&r) == 4096);
    assert!(event::events_by_type<mf::Committed>().length() == 1);
    assert!(m.last_writer() == object::id(&w));

    sc.return_to_sender(w);
    ts::return_shared(m);
    sc.end();
}

/// Two writers read sequence 0; the first to land wins, the second aborts and changes nothing.
#[test, expected_failure(abort_code = mf::EConflict)]
fun second_writer_cannot_clobber() {
    let mut sc = start();
    grant_bob(&mut sc);
    let mut m = sc.take_shared<Manifest>();
    let bob = sc.take_from_sender<WriterCap>();
    m.commit(&bob, 0, some_root(1));
    sc.return_to_sender(bob);
    ts::return_shared(m);

    sc.next_tx(ALICE);
    let mut m = sc.take_shared<Manifest>();
    let alice = sc.take_from_sender<WriterCap>();
    m.commit(&alice, 0, some_root(2));
    abort 99
}

#[test]
fun loser_rebases_and_lands() {
    let mut sc = start();
    grant_bob(&mut sc);
    let mut m = sc.take_shared<Manifest>();
    let bob = sc.take_from_sender<WriterCap>();
    m.append(&bob, 0, b"mkdir /b");
    m.append(&bob, 1, b"mkdir /b/c");
    sc.return_to_sender(bob);
    ts::return_shared(m);

    sc.next_tx(ALICE);
    let mut m = sc.take_shared<Manifest>();
    let alice = sc.take_from_sender<WriterCap>();
    assert!(m.seq() == 2 && m.root_seq() == 0);
    assert!(m.inline().length() == 2 && m.inline_bytes() == 18);
    let seen = m.seq();
    m.commit(&alice, seen, some_root(2));
    assert!(m.seq() == 3 && m.root_seq() == 3 && m.inline().is_empty() && m.inline_bytes() == 0);
    sc.return_to_sender(alice);
    ts::return_shared(m);
    sc.end();
}

#[test, expected_failure(abort_code = mf::EConflict)]
fun append_is_compare_and_swap_too() {
    let mut sc = start();
    let mut m = sc.take_shared<Manifest>();
    let w = sc.take_from_sender<WriterCap>();
    m.append(&w, 0, b"x");
    m.append(&w, 0, b"y");
    abort 99
}

#[test, expected_failure(abort_code = mf::ERevoked)]
fun revoked_writer_is_out() {
    let mut sc = start();
    let bob_id = grant_bob(&mut sc);
    sc.next_tx(ALICE);
    let mut m = sc.take_shared<Manifest>();
    let admin = sc.take_from_sender<AdminCap>();
    assert!(m.is_writer(bob_id));
    m.revoke(&admin, bob_id);
    assert!(!m.is_writer(bob_id));
    sc.return_to_sender(admin);
    ts::return_shared(m);

    sc.next_tx(BOB);
    let mut m = sc.take_shared<Manifest>();
    let bob = sc.take_from_sender<WriterCap>();
    m.commit(&bob, 0, some_root(1));
    abort 99
}

#[test, expected_failure(abort_code = mf::EUnknownWriter)]
fun revoke_twice() {
    let mut sc = start();
    let bob_id = grant_bob(&mut sc);
    sc.next_tx(ALICE);
    let mut m = sc.take_shared<Manifest>();
    let admin = sc.take_from_sender<AdminCap>();
    m.revoke(&admin, bob_id);
    m.revoke(&admin, bob_id);
    abort 99
}

#[test, expected_failure(abort_code = mf::EWrongManifest)]
fun foreign_writer_cap() {
    let mut sc = start();
    let (other, other_admin, other_writer) = mf::new(b"o".to_string(), mf::empty_root(), sc.ctx());
    let mut m = sc.take_shared<Manifest>();
    m.commit(&other_writer, 0, some_root(1));
    mf::keep(other, ALICE);
    transfer::public_transfer(other_admin, ALICE);
    transfer::public_transfer(other_writer, ALICE);
    abort 99
}

#[test, expected_failure(abort_code = mf::EWrongManifest)]
fun foreign_admin_cap() {
    let mut sc = start();
    let (other, other_admin, other_writer) = mf::new(b"o".to_string(), mf::empty_root(), sc.ctx());
    let mut m = sc.take_shared<Manifest>();
    m.seal(&other_admin);
    mf::keep(other, ALICE);
    transfer::public_transfer(other_admin, ALICE);
    transfer::public_transfer(other_writer, ALICE);
    abort 99
}

#[test, expected_failure(abort_code = mf::ESealed)]
fun sealed_is_final() {
    let mut sc = start();
    let mut m = sc.take_shared<Manifest>();
    let admin = sc.take_from_sender<AdminCap>();
    let w = sc.take_from_sender<WriterCap>();
    m.seal(&admin);
    assert!(m.is_sealed());
    m.commit(&w, 0, some_root(1));
    abort 99
}

#[test]
fun renew_moves_only_the_epoch() {
    let mut sc = start();
    let mut m = sc.take_shared<Manifest>();
    let w = sc.take_from_sender<WriterCap>();
    m.commit(&w, 0, some_root(1));
    m.append(&w, 1, b"r");
    m.renew(&w, 2, 53);
    assert!(m.seq() == 2 && mf::root_end_epoch(&m.root()) == 53 && m.inline().length() == 1);
    sc.return_to_sender(w);
    ts::return_shared(m);
    sc.end();
}

#[test]
fun sealed_drive_is_kept_alive() {
    let mut sc = start();
    let mut m = sc.take_shared<Manifest>();
    let w = sc.take_from_sender<WriterCap>();
    let admin = sc.take_from_sender<AdminCap>();
    m.commit(&w, 0, some_root(1));
    m.seal(&admin);
    m.renew(&w, 1, 99);
    assert!(mf::root_end_epoch(&m.root()) == 99);
    sc.return_to_sender(w);
    sc.return_to_sender(admin);
    ts::return_shared(m);
    sc.end();
}

#[test, expected_failure(abort_code = mf::EEpochNotLater)]
fun renew_never_goes_back() {
    let mut sc = start();
    let mut m = sc.take_shared<Manifest>();
    let w = sc.take_from_sender<WriterCap>();
    m.commit(&w, 0, some_root(1));
    m.renew(&w, 1, 40);
    abort 99
}

#[test, expected_failure(abort_code = mf::EInlineFull)]
fun inline_bytes_are_bounded() {
    let mut sc = start();
    let mut m = sc.take_shared<Manifest>();
    let w = sc.take_from_sender<WriterCap>();
    let mut big = vector[];
    let mut i = 0u64;
    while (i < 12 * 1024) { big.push_back(7u8); i = i + 1 };
    let mut k = 0;
    while (k < 4) { m.append(&w, k, big); k = k + 1 };
    assert!(m.inline_bytes() == 48 * 1024);
    m.append(&w, 4, b"!");
    abort 99
}

#[test, expected_failure(abort_code = mf::EInlineFull)]
fun inline_records_are_bounded() {
    let mut sc = start();
    let mut m = sc.take_shared<Manifest>();
    let w = sc.take_from_sender<WriterCap>();
    let mut k = 0;
    while (k < 257) { m.append(&w, k, b"r"); k = k + 1 };
    abort 99
}

#[test, expected_failure(abort_code = mf::EEmpty)]
fun empty_record() {
    let mut sc = start();
    let mut m = sc.take_shared<Manifest>();
    let w = sc.take_from_sender<WriterCap>();
    m.append(&w, 0, b"");
    abort 99
}

#[test, expected_failure(abort_code = mf::EEmpty)]
fun empty_range() {
    mf::new_root(1, 1, 0, 0, 0, 0, 0, 0);
}

#[test]
fun resign_and_discard() {
    let mut sc = start();
    let bob_id = grant_bob(&mut sc);
    let mut m = sc.take_shared<Manifest>();
    let bob = sc.take_from_sender<WriterCap>();
    m.resign(bob);
    assert!(!m.is_writer(bob_id) && m.writer_count() == 1);
    ts::return_shared(m);

    sc.next_tx(ALICE);
    let w = sc.take_from_sender<WriterCap>();
    mf::discard(w);
    sc.end();
}

#[test]
fun snapshot_outlives_changes() {
    let mut sc = start();
    let mut m = sc.take_shared<Manifest>();
    let w = sc.take_from_sender<WriterCap>();
    m.commit(&w, 0, some_root(1));
    let id = m.snapshot(sc.ctx());
    m.commit(&w, 1, some_root(2));
    sc.return_to_sender(w);
    ts::return_shared(m);

    let effects = sc.next_tx(BOB);
    assert!(effects.frozen() == vector[id]);
    let s = sc.take_immutable_by_id<Snapshot>(id);
    assert!(object::id(&s) == id);
    ts::return_immutable(s);
    sc.end();
}

#[test]
fun owned_drive_can_be_frozen() {
    let mut sc = ts::begin(ALICE);
    let (m, admin, writer) = mf::new(b"iso".to_string(), some_root(3), sc.ctx());
    mf::keep(m, ALICE);
    sc.next_tx(ALICE);
    let mut m = sc.take_from_sender<Manifest>();
    m.commit(&writer, 0, some_root(4));
    mf::freeze_manifest(m, &admin);
    transfer::public_transfer(admin, ALICE);
    mf::discard(writer);
    sc.next_tx(BOB);
    let m = sc.take_immutable<Manifest>();
    m.assert_seq(1);
    ts::return_immutable(m);
    sc.end();
}

#[test]
fun destroy_shared_drive() {
    let mut sc = start();
    let m = sc.take_shared<Manifest>();
    let admin = sc.take_from_sender<AdminCap>();
    mf::destroy(m, admin);
    let effects = sc.next_tx(ALICE);
    assert!(effects.deleted().length() == 2);
    assert!(!ts::has_most_recent_shared<Manifest>());
    sc.end();
}

#[test, expected_failure(abort_code = mf::EWrongSchema)]
fun other_schema_is_refused() {
    let mut sc = start();
    let mut m = sc.take_shared<Manifest>();
    let w = sc.take_from_sender<WriterCap>();
    mf::set_schema_for_testing(&mut m, 2);
    m.commit(&w, 0, some_root(1));
    abort 99
}

#[test]
fun older_schema_migrates() {
    let mut sc = start();
    let mut m = sc.take_shared<Manifest>();
    let admin = sc.take_from_sender<AdminCap>();
    mf::set_schema_for_testing(&mut m, 0);
    m.migrate(&admin);
    assert!(m.schema() == 1);
    sc.return_to_sender(admin);
    ts::return_shared(m);
    sc.end();
}

#[test, expected_failure(abort_code = mf::ENothingToMigrate)]
fun current_schema_does_not_migrate() {
    let mut sc = start();
    let mut m = sc.take_shared<Manifest>();
    let admin = sc.take_from_sender<AdminCap>();
    m.migrate(&admin);
    abort 99
}

#[test, expected_failure(abort_code = mf::EEmpty)]
fun a_tree_is_never_replaced_by_none() {
    let mut sc = start();
    let mut m = sc.take_shared<Manifest>();
    let w = sc.take_from_sender<WriterCap>();
    m.commit(&w, 0, some_root(1));
    m.commit(&w, 1, mf::empty_root());
    abort 99
}

#[test, expected_failure(abort_code = mf::EEmpty)]
fun renew_needs_a_tree() {
    let mut sc = start();
    let mut m = sc.take_shared<Manifest>();
    let w = sc.take_from_sender<WriterCap>();
    m.renew(&w, 0, 7);
    abort 99
}

/// Two writers extend the same blobs in the same transaction as `renew`: the second pays nothing.
#[test, expected_failure(abort_code = mf::EEpochNotLater)]
fun renewing_twice_aborts() {
    let mut sc = start();
    let mut m = sc.take_shared<Manifest>();
    let w = sc.take_from_sender<WriterCap>();
    m.commit(&w, 0, some_root(1));
    m.renew(&w, 1, 53);
    m.renew(&w, 1, 53);
    abort 99
}

#[test]
fun a_snapshot_shows_what_it_froze() {
    let mut sc = start();
    let mut m = sc.take_shared<Manifest>();
    let w = sc.take_from_sender<WriterCap>();
    m.commit(&w, 0, some_root(5));
    m.append(&w, 1, b"r");
    let id = m.snapshot(sc.ctx());
    sc.return_to_sender(w);
    let manifest = object::id(&m);
    ts::return_shared(m);
    sc.next_tx(BOB);
    let s = sc.take_immutable_by_id<Snapshot>(id);
    assert!(s.snapshot_manifest() == manifest && s.snapshot_schema() == 1 && s.snapshot_seq() == 2);
    assert!(s.snapshot_root() == some_root(5) && s.snapshot_inline() == vector[b"r"]);
    assert!(s.snapshot_name() == &b"drive".to_string());
    ts::return_immutable(s);
    sc.end();
}

#[test]
fun a_lease_runs_is_prolonged_and_ends() {
    let mut sc = start();
    let mut time = clock::create_for_testing(sc.ctx());
    time.increment_for_testing(1000);
    let bob_id = grant_bob(&mut sc);
    let mut m = sc.take_shared<Manifest>();
    let bob = sc.take_from_sender<WriterCap>();
    assert!(m.lease_until_ms() == 0);
    m.lease(&bob, 500, &time);
    assert!(m.lease_writer() == bob_id && m.lease_until_ms() == 1500 && m.seq() == 0);
    m.lease(&bob, 700, &time);
    assert!(m.lease_until_ms() == 1700);
    sc.return_to_sender(bob);
    ts::return_shared(m);

    sc.next_tx(ALICE);
    let mut m = sc.take_shared<Manifest>();
    let alice = sc.take_from_sender<WriterCap>();
    // Others may commit all the same, and cannot end a lease that is not theirs.
    m.commit(&alice, 0, some_root(1));
    m.release(&alice);
    assert!(m.lease_until_ms() == 1700);
    time.increment_for_testing(700);
    m.lease(&alice, 1, &time);
    assert!(m.lease_writer() == object::id(&alice) && m.lease_until_ms() == 1701);
    m.release(&alice);
    assert!(m.lease_until_ms() == 0);
    sc.return_to_sender(alice);
    ts::return_shared(m);
    time.destroy_for_testing();
    sc.end();
}

#[test, expected_failure(abort_code = mf::ELeased)]
fun a_lease_keeps_the_other_from_leasing() {
    let mut sc = start();
    let time = clock::create_for_testing(sc.ctx());
    grant_bob(&mut sc);
    let mut m = sc.take_shared<Manifest>();
    let bob = sc.take_from_sender<WriterCap>();
    m.lease(&bob, 500, &time);
    sc.return_to_sender(bob);
    ts::return_shared(m);
    sc.next_tx(ALICE);
    let mut m = sc.take_shared<Manifest>();
    let alice = sc.take_from_sender<WriterCap>();
    m.lease(&alice, 500, &time);
    abort 99
}

#[test, expected_failure(abort_code = mf::ELeaseTime)]
fun a_lease_is_not_for_ever() {
    let mut sc = start();
    let time = clock::create_for_testing(sc.ctx());
    let mut m = sc.take_shared<Manifest>();
    let w = sc.take_from_sender<WriterCap>();
    m.lease(&w, 60 * 60 * 1000 + 1, &time);
    abort 99
}

#[test]
fun a_revoked_writer_loses_its_lease() {
    let mut sc = start();
    let time = clock::create_for_testing(sc.ctx());
    let bob_id = grant_bob(&mut sc);
    let mut m = sc.take_shared<Manifest>();
    let bob = sc.take_from_sender<WriterCap>();
    m.lease(&bob, 500, &time);
    sc.return_to_sender(bob);
    ts::return_shared(m);
    sc.next_tx(ALICE);
    let mut m = sc.take_shared<Manifest>();
    let admin = sc.take_from_sender<AdminCap>();
    m.revoke(&admin, bob_id);
    assert!(m.lease_until_ms() == 0);
    sc.return_to_sender(admin);
    ts::return_shared(m);
    time.destroy_for_testing();
    sc.end();
}

#[test, expected_failure(abort_code = mf::ENameTooLong)]
fun names_are_bounded() {
    let mut sc = ts::begin(ALICE);
    let mut name = vector[];
    while (name.length() < 256) name.push_back(65u8);
    let (m, admin, writer) = mf::new(name.to_string(), mf::empty_root(), sc.ctx());
    mf::share(m);
    transfer::public_transfer(admin, ALICE);
    transfer::public_transfer(writer, ALICE);
    abort 99
}

#[test, expected_failure(abort_code = mf::ETooManyWriters)]
fun writers_are_bounded() {
    let mut sc = start();
    let mut m = sc.take_shared<Manifest>();
    let admin = sc.take_from_sender<AdminCap>();
    let mut k = 0;
    while (k < 64) { transfer::public_transfer(m.grant(&admin, sc.ctx()), BOB); k = k + 1 };
    abort 99
}

#[test, expected_failure(abort_code = mf::ESealed)]
fun sealed_grants_nobody() {
    let mut sc = start();
    let mut m = sc.take_shared<Manifest>();
    let admin = sc.take_from_sender<AdminCap>();
    m.seal(&admin);
    transfer::public_transfer(m.grant(&admin, sc.ctx()), BOB);
    abort 99
}

#[test]
fun key_slots_come_and_change() {
    let mut sc = start();
    let mut m = sc.take_shared<Manifest>();
    let admin = sc.take_from_sender<AdminCap>();
    let w = sc.take_from_sender<WriterCap>();
    assert!(!m.is_encrypted() && m.slots_revision() == 0 && m.slots_bytes() == b"");
    m.set_slots(&admin, 0, b"one");
    assert!(m.is_encrypted() && m.slots_revision() == 1 && m.slots_bytes() == b"one");
    m.commit(&w, 0, some_root(1));
    m.set_slots(&admin, 1, b"two");
    m.seal(&admin);
    m.set_slots(&admin, 2, b"three");
    assert!(m.slots_revision() == 3 && m.slots_bytes() == b"three" && m.seq() == 1);
    assert!(event::events_by_type<mf::SlotsChanged>().length() == 3);
    sc.return_to_sender(admin);
    sc.return_to_sender(w);
    ts::return_shared(m);
    sc.end();
}

#[test, expected_failure(abort_code = mf::ESlotsChanged)]
fun two_admins_lose_no_slot() {
    let mut sc = start();
    let mut m = sc.take_shared<Manifest>();
    let admin = sc.take_from_sender<AdminCap>();
    m.set_slots(&admin, 0, b"one");
    m.set_slots(&admin, 1, b"ours");
    m.set_slots(&admin, 1, b"theirs");
    abort 99
}

#[test, expected_failure(abort_code = mf::ESlotsChanged)]
fun slots_are_made_once() {
    let mut sc = start();
    let mut m = sc.take_shared<Manifest>();
    let admin = sc.take_from_sender<AdminCap>();
    m.set_slots(&admin, 0, b"one");
    m.set_slots(&admin, 0, b"other");
    abort 99
}

#[test, expected_failure(abort_code = mf::EUnsealed)]
fun what_was_written_openly_gets_no_slots() {
    let mut sc = start();
    let mut m = sc.take_shared<Manifest>();
    let admin = sc.take_from_sender<AdminCap>();
    let w = sc.take_from_sender<WriterCap>();
    m.append(&w, 0, b"r");
    m.set_slots(&admin, 0, b"one");
    abort 99
}

#[test, expected_failure(abort_code = mf::ESlotsTooLarge)]
fun slots_are_bounded() {
    let mut sc = start();
    let mut m = sc.take_shared<Manifest>();
    let admin = sc.take_from_sender<AdminCap>();
    let mut bytes = b"";
    while (bytes.length() <= 16 * 1024) bytes.push_back(1);
    m.set_slots(&admin, 0, bytes);
    abort 99
}

#[test, expected_failure(abort_code = mf::EEmpty)]
fun slots_are_never_taken_away() {
    let mut sc = start();
    let mut m = sc.take_shared<Manifest>();
    let admin = sc.take_from_sender<AdminCap>();
    m.set_slots(&admin, 0, b"one");
    m.set_slots(&admin, 1, b"");
    abort 99
}

#[test, expected_failure(abort_code = mf::EWrongManifest)]
fun slots_need_the_admin() {
    let mut sc = start();
    let mut m = sc.take_shared<Manifest>();
    let (other, foreign, writer) = mf::new(b"x".to_string(), mf::empty_root(), sc.ctx());
    mf::share(other);
    transfer::public_transfer(writer, ALICE);
    m.set_slots(&foreign, 0, b"one");
    abort 99
}

#[test]
fun destroying_takes_the_slots_away() {
    let mut sc = start();
    let mut m = sc.take_shared<Manifest>();
    let admin = sc.take_from_sender<AdminCap>();
    m.set_slots(&admin, 0, b"one");
    sc.return_to_sender(admin);
    ts::return_shared(m);
    sc.next_tx(ALICE);
    let m = sc.take_shared<Manifest>();
    let admin = sc.take_from_sender<AdminCap>();
    mf::destroy(m, admin);
    let effects = sc.next_tx(ALICE);
    assert!(effects.deleted().length() == 3);
    sc.end();
}
