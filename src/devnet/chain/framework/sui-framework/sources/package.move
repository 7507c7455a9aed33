/// Publishing and upgrading.
module sui::package;

use std::ascii::String;
use std::type_name;

public struct Publisher has key, store { id: UID, package: String, module_name: String }

public struct UpgradeCap has key, store { id: UID, package: ID, version: u64, policy: u8 }

public struct UpgradeTicket { cap: ID, package: ID, policy: u8, digest: vector<u8> }

public struct UpgradeReceipt { cap: ID, package: ID }

const ENotOneTimeWitness: u64 = 0;
const ETooPermissive: u64 = 1;
const EAlreadyAuthorized: u64 = 2;
const ENotAuthorized: u64 = 3;
const EWrongUpgradeCap: u64 = 4;

const ADDITIVE: u8 = 128;
const DEP_ONLY: u8 = 192;

public fun claim<OTW: drop>(otw: OTW, ctx: &mut TxContext): Publisher {
    assert!(sui::types::is_one_time_witness(&otw), ENotOneTimeWitness);
    let name = type_name::with_original_ids<OTW>().into_string().into_bytes();
    let (package, module_name) = split(name);
    Publisher { id: object::new(ctx), package, module_name }
}

#[allow(lint(self_transfer))]
public fun claim_and_keep<OTW: drop>(otw: OTW, ctx: &mut TxContext) {
    let publisher = claim(otw, ctx);
    transfer::public_transfer(publisher, ctx.sender())
}

public fun burn_publisher(self: Publisher) {
    let Publisher { id, package: _, module_name: _ } = self;
    id.delete();
}

/// `ADDRESS::MODULE::NAME` cut at the colons.
fun split(name: vector<u8>): (String, String) {
    let mut package = vector[];
    let mut module_name = vector[];
    let mut i = 0;
    while (name[i] != 58) {
        package.push_back(name[i]);
        i = i + 1;
    };
    i = i + 2;
    while (name[i] != 58) {
        module_name.push_back(name[i]);
        i = i + 1;
    };
    (package.to_ascii_string(), module_name.to_ascii_string())
}

public fun upgrade_package(cap: &UpgradeCap): ID { cap.package }

public fun version(cap: &UpgradeCap): u64 { cap.version }

public fun upgrade_policy(cap: &UpgradeCap): u8 { cap.policy }

public fun ticket_digest(ticket: &UpgradeTicket): &vector<u8> { &ticket.digest }

public entry fun only_additive_upgrades(cap: &mut UpgradeCap) { cap.restrict(ADDITIVE) }

public entry fun only_dep_upgrades(cap: &mut UpgradeCap) { cap.restrict(DEP_ONLY) }

public entry fun make_immutable(cap: UpgradeCap) {
    let UpgradeCap { id, package: _, version: _, policy: _ } = cap;
    id.delete();
}

public fun authorize_upgrade(cap: &mut UpgradeCap, policy: u8, digest: vector<u8>): UpgradeTicket {
    let none = object::id_from_address(@0x0);
    assert!(cap.package != none, EAlreadyAuthorized);
    assert!(policy >= cap.policy, ETooPermissive);
    let package = cap.package;
    cap.package = none;
    UpgradeTicket { cap: object::id(cap), package, policy, digest }
}

public fun commit_upgrade(cap: &mut UpgradeCap, receipt: UpgradeReceipt) {
    let UpgradeReceipt { cap: cap_id, package } = receipt;
    assert!(object::id(cap) == cap_id, EWrongUpgradeCap);
    assert!(cap.package.to_address() == @0x0, ENotAuthorized);
    cap.package = package;
    cap.version = cap.version + 1;
}

fun restrict(cap: &mut UpgradeCap, policy: u8) {
    assert!(cap.policy <= policy, ETooPermissive);
    cap.policy = policy;
}
