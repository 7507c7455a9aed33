/// What only the devnet itself may do: its functions are private, so no transaction of a user can call them.
#[allow(unused_function)]
module walrus::devnet;

use std::string::String;
use sui::vec_map;
use walrus::{bls_aggregate, committee, events, staking, staking_inner, staking_pool};
use walrus::{system, system_state_inner};
use walrus::staking::Staking;
use walrus::staking_pool::StakingPool;
use walrus::system::System;

/// The first epoch in which something is stored.
const FIRST_EPOCH: u32 = 1;

/// Makes the system and the staking objects with the nodes as committee, sorted by node id.
fun genesis(
    mut names: vector<String>,
    mut network_addresses: vector<String>,
    mut public_keys: vector<vector<u8>>,
    mut network_public_keys: vector<vector<u8>>,
    mut shards: vector<vector<u16>>,
    total_capacity_size: u64,
    storage_price: u64,
    write_price: u64,
    max_epochs_ahead: u32,
    epoch_duration: u64,
    now_ms: u64,
    package_id: ID,
    ctx: &mut TxContext,
) {
    let mut pools: vector<StakingPool> = vector[];
    let mut pool_shards = vector[];
    let node_capacity = total_capacity_size / names.length();
    while (!names.is_empty()) {
        pools.push_back(
            staking_pool::new(
                names.pop_back(),
                network_addresses.pop_back(),
                public_keys.pop_back(),
                network_public_keys.pop_back(),
                FIRST_EPOCH,
                storage_price,
                write_price,
                node_capacity,
                ctx,
            ),
        );
        pool_shards.push_back(shards.pop_back());
        sort_last(&mut pools, &mut pool_shards);
    };
    let mut members = vector[];
    let mut assignment = vec_map::empty();
    let mut i = 0;
    while (i < pools.length()) {
        let key = pools[i].node_info().uncompressed_key();
        let weight = pool_shards[i].length() as u16;
        let node_id = object::id(&pools[i]);
        members.push_back(bls_aggregate::new_bls_committee_member(key, weight, node_id));
        assignment.insert(node_id, pool_shards[i]);
        i = i + 1;
    };
    let nodes = bls_aggregate::new_bls_committee(FIRST_EPOCH, members);
    let mut staking_state = staking_inner::create(
        nodes.n_shards(),
        FIRST_EPOCH,
        epoch_duration,
        now_ms,
        committee::from_map(assignment),
        ctx,
    );
    while (!pools.is_empty()) staking_state.add_pool(pools.pop_back());
    pools.destroy_empty();
    let system_state = system_state_inner::create(
        nodes,
        total_capacity_size,
        storage_price,
        write_price,
        max_epochs_ahead,
        ctx,
    );
    system::create(system_state, package_id, ctx);
    staking::create(staking_state, package_id, ctx);
}

/// Moves the last pool to its place in the order of ids.
fun sort_last(pools: &mut vector<StakingPool>, pool_shards: &mut vector<vector<u16>>) {
    let mut i = pools.length() - 1;
    while (i > 0 && number(&pools[i]) < number(&pools[i - 1])) {
        pools.swap(i, i - 1);
        pool_shards.swap(i, i - 1);
        i = i - 1;
    }
}

fun number(pool: &StakingPool): u256 { object::id_address(pool).to_u256() }

/// The epoch ends; the same nodes go on.
fun advance_epoch(system: &mut System, staking: &mut Staking, now_ms: u64) {
    let inner = system.inner_mut();
    let rewards = inner.advance_epoch();
    staking.inner_mut().advance_epoch(inner.committee(), rewards, now_ms);
    events::emit_epoch_change(inner.epoch());
}

/// The epoch ends, and the same nodes go on with each other's shards.
fun change_committee(system: &mut System, staking: &mut Staking, now_ms: u64) {
    advance_epoch(system, staking, now_ms);
    staking.inner_mut().rotate_shards();
}

/// A node came back at another address.
fun set_network_address(staking: &mut Staking, node_id: ID, network_address: String) {
    staking.inner_mut().pool_mut(node_id).node_info_mut().set_network_address(network_address)
}
