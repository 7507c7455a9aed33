/// Values that take effect in a later epoch. Only the layout is here.
module walrus::pending_values {
    use sui::vec_map::{Self, VecMap};

    public struct PendingValues(VecMap<u32, u64>) has copy, drop, store;

    public(package) fun empty(): PendingValues { PendingValues(vec_map::empty()) }
}

/// Who may act for a pool.
module walrus::auth {
    public enum Authorized has copy, drop, store {
        Address(address),
        ObjectID(ID),
    }

    public(package) fun authorized_address(address: address): Authorized { Authorized::Address(address) }
}

module walrus::epoch_parameters {
    public struct EpochParams has copy, drop, store {
        total_capacity_size: u64,
        storage_price_per_unit_size: u64,
        write_price_per_unit_size: u64,
    }
}

module walrus::node_metadata {
    use std::string::String;
    use sui::vec_map::{Self, VecMap};

    public struct NodeMetadata has copy, drop, store {
        image_url: String,
        project_url: String,
        description: String,
        extra_fields: VecMap<String, String>,
    }

    public(package) fun default(): NodeMetadata {
        NodeMetadata {
            image_url: b"".to_string(),
            project_url: b"".to_string(),
            description: b"".to_string(),
            extra_fields: vec_map::empty(),
        }
    }
}

/// How to reach a node and how to check its signatures.
module walrus::storage_node {
    use std::string::String;
    use sui::bls12381::{Self, G1, UncompressedG1};
    use sui::group_ops::Element;
    use walrus::extended_field::{Self, ExtendedField};
    use walrus::node_metadata::{Self, NodeMetadata};

    public struct StorageNodeInfo has store {
        name: String,
        node_id: ID,
        /// `host:port`.
        network_address: String,
        public_key: Element<G1>,
        next_epoch_public_key: Option<Element<G1>>,
        network_public_key: vector<u8>,
        metadata: ExtendedField<NodeMetadata>,
    }

    public(package) fun new(
        name: String,
        node_id: ID,
        network_address: String,
        public_key: vector<u8>,
        network_public_key: vector<u8>,
        ctx: &mut TxContext,
    ): StorageNodeInfo {
        StorageNodeInfo {
            name,
            node_id,
            network_address,
            public_key: bls12381::g1_from_bytes(&public_key),
            next_epoch_public_key: option::none(),
            network_public_key,
            metadata: extended_field::new(node_metadata::default(), ctx),
        }
    }

    public(package) fun uncompressed_key(self: &StorageNodeInfo): Element<UncompressedG1> {
        bls12381::g1_to_uncompressed_g1(&self.public_key)
    }

    public(package) fun set_network_address(self: &mut StorageNodeInfo, network_address: String) {
        self.network_address = network_address;
    }
}

/// A storage node as stakers see it. Nobody stakes here: the nodes of the genesis stay.
module walrus::staking_pool {
    use std::string::String;
    use sui::bag::{Self, Bag};
    use sui::balance::{Self, Balance};
    use sui::table::{Self, Table};
    use wal::wal::WAL;
    use walrus::auth::{Self, Authorized};
    use walrus::pending_values::{Self, PendingValues};
    use walrus::storage_node::{Self, StorageNodeInfo};

    #[allow(unused_field)]
    public struct VotingParams has copy, drop, store {
        storage_price: u64,
        write_price: u64,
        node_capacity: u64,
    }

    public enum PoolState has copy, drop, store {
        Active,
        Withdrawing(u32),
        Withdrawn,
    }

    public enum PoolExchangeRate has copy, drop, store {
        Flat,
        Variable { wal_amount: u128, share_amount: u128 },
    }

    public struct StakingPool has key, store {
        id: UID,
        state: PoolState,
        voting_params: VotingParams,
        node_info: StorageNodeInfo,
        activation_epoch: u32,
        latest_epoch: u32,
        wal_balance: u64,
        num_shares: u64,
        pending_shares_withdraw: PendingValues,
        pre_active_withdrawals: PendingValues,
        pending_commission_rate: PendingValues,
        commission_rate: u16,
        exchange_rates: Table<u32, PoolExchangeRate>,
        pending_stake: PendingValues,
        rewards_pool: Balance<WAL>,
        commission: Balance<WAL>,
        commission_receiver: Authorized,
        governance_authorized: Authorized,
        extra_fields: Bag,
    }

    public(package) fun new(
        name: String,
        network_address: String,
        public_key: vector<u8>,
        network_public_key: vector<u8>,
        epoch: u32,
        storage_price: u64,
        write_price: u64,
        node_capacity: u64,
        ctx: &mut TxContext,
    ): StakingPool {
        let id = object::new(ctx);
        let owner = auth::authorized_address(id.to_address());
        let node_info = storage_node::new(
            name,
            id.to_inner(),
            network_address,
            public_key,
            network_public_key,
            ctx,
        );
        StakingPool {
            id,
            state: PoolState::Active,
            voting_params: VotingParams { storage_price, write_price, node_capacity },
            node_info,
            activation_epoch: epoch,
            latest_epoch: epoch,
            wal_balance: 0,
            num_shares: 0,
            pending_shares_withdraw: pending_values::empty(),
            pre_active_withdrawals: pending_values::empty(),
            pending_commission_rate: pending_values::empty(),
            commission_rate: 0,
            exchange_rates: table::new(ctx),
            pending_stake: pending_values::empty(),
            rewards_pool: balance::zero(),
            commission: balance::zero(),
            commission_receiver: owner,
            governance_authorized: owner,
            extra_fields: bag::new(ctx),
        }
    }

    public(package) fun node_info(self: &StakingPool): &StorageNodeInfo { &self.node_info }

    public(package) fun node_info_mut(self: &mut StakingPool): &mut StorageNodeInfo {
        &mut self.node_info
    }

    public(package) fun advance_epoch(self: &mut StakingPool, epoch: u32, rewards: Balance<WAL>) {
        self.latest_epoch = epoch;
        self.rewards_pool.join(rewards);
    }
}

/// The state of staking, behind the version of `Staking`.
module walrus::staking_inner {
    use sui::balance::Balance;
    use sui::group_ops::Element;
    use sui::bls12381::UncompressedG1;
    use sui::object_table::{Self, ObjectTable};
    use sui::vec_map::{Self, VecMap};
    use wal::wal::WAL;
    use walrus::active_set::{Self, ActiveSet};
    use walrus::bls_aggregate::BlsCommittee;
    use walrus::committee::Committee;
    use walrus::epoch_parameters::EpochParams;
    use walrus::extended_field::{Self, ExtendedField};
    use walrus::staking_pool::StakingPool;

    public enum EpochState has copy, drop, store {
        EpochChangeSync(u16),
        EpochChangeDone(u64),
        NextParamsSelected(u64),
    }

    public struct StakingInnerV1 has store {
        n_shards: u16,
        epoch_duration: u64,
        first_epoch_start: u64,
        pools: ObjectTable<ID, StakingPool>,
        epoch: u32,
        active_set: ExtendedField<ActiveSet>,
        next_committee: Option<Committee>,
        committee: Committee,
        previous_committee: Committee,
        next_epoch_params: Option<EpochParams>,
        epoch_state: EpochState,
        next_epoch_public_keys: ExtendedField<VecMap<ID, Element<UncompressedG1>>>,
    }

    public(package) fun create(
        n_shards: u16,
        epoch: u32,
        epoch_duration: u64,
        now_ms: u64,
        committee: Committee,
        ctx: &mut TxContext,
    ): StakingInnerV1 {
        StakingInnerV1 {
            n_shards,
            epoch_duration,
            first_epoch_start: now_ms,
            pools: object_table::new(ctx),
            epoch,
            active_set: extended_field::new(active_set::empty(), ctx),
            next_committee: option::none(),
            committee,
            previous_committee: committee,
            next_epoch_params: option::none(),
            epoch_state: EpochState::EpochChangeDone(now_ms),
            next_epoch_public_keys: extended_field::new(vec_map::empty(), ctx),
        }
    }

    public(package) fun add_pool(self: &mut StakingInnerV1, pool: StakingPool) {
        self.pools.add(object::id(&pool), pool)
    }

    public(package) fun pool_mut(self: &mut StakingInnerV1, node_id: ID): &mut StakingPool {
        &mut self.pools[node_id]
    }

    /// The shards move on from node to node. To be called after the epoch has ended.
    public(package) fun rotate_shards(self: &mut StakingInnerV1) {
        self.committee = self.committee.rotated();
    }

    /// Shares the rewards out by shards; what does not divide goes to the last node.
    public(package) fun advance_epoch(
        self: &mut StakingInnerV1,
        nodes: &BlsCommittee,
        mut rewards: Balance<WAL>,
        now_ms: u64,
    ) {
        self.epoch = nodes.epoch();
        self.previous_committee = self.committee;
        self.epoch_state = EpochState::EpochChangeDone(now_ms);
        let per_shard = rewards.value() / (nodes.n_shards() as u64);
        let last = nodes.length() - 1;
        let mut i = 0;
        while (i < last) {
            let (node_id, weight) = nodes.member(i);
            let share = rewards.split(per_shard * (weight as u64));
            self.pools[node_id].advance_epoch(self.epoch, share);
            i = i + 1;
        };
        let (node_id, _) = nodes.member(last);
        self.pools[node_id].advance_epoch(self.epoch, rewards);
    }
}

/// The pools with the most stake. Only the layout is here.
module walrus::active_set {
    public struct ActiveSetEntry has copy, drop, store { node_id: ID, staked_amount: u64 }

    public struct ActiveSet has copy, drop, store {
        max_size: u16,
        threshold_stake: u64,
        nodes: vector<ActiveSetEntry>,
        total_stake: u64,
    }

    public(package) fun empty(): ActiveSet {
        ActiveSet { max_size: 0, threshold_stake: 0, nodes: vector[], total_stake: 0 }
    }
}

/// A stake as its owner holds it.
module walrus::staked_wal {
    use sui::balance::Balance;
    use wal::wal::WAL;

    public enum StakedWalState has copy, drop, store {
        Staked,
        Withdrawing { withdraw_epoch: u32 },
    }

    public struct StakedWal has key, store {
        id: UID,
        state: StakedWalState,
        node_id: ID,
        principal: Balance<WAL>,
        activation_epoch: u32,
    }
}

/// The one shared object that knows the nodes.
module walrus::staking {
    use sui::coin::Coin;
    use sui::dynamic_field;
    use wal::wal::WAL;
    use walrus::staked_wal::StakedWal;
    use walrus::staking_inner::StakingInnerV1;
    use walrus::system::package_version;

    const EWrongVersion: u64 = 1;
    /// The nodes of a devnet are those of its genesis.
    const ENotOnDevnet: u64 = 1000;

    public struct Staking has key {
        id: UID,
        version: u64,
        package_id: ID,
        new_package_id: Option<ID>,
    }

    public(package) fun create(inner: StakingInnerV1, package_id: ID, ctx: &mut TxContext) {
        let version = package_version();
        let mut id = object::new(ctx);
        dynamic_field::add(&mut id, version, inner);
        transfer::share_object(Staking { id, version, package_id, new_package_id: option::none() })
    }

    public fun stake_with_pool(
        _staking: &mut Staking,
        _to_stake: Coin<WAL>,
        _node_id: ID,
        _ctx: &mut TxContext,
    ): StakedWal {
        abort ENotOnDevnet
    }

    public(package) fun inner_mut(staking: &mut Staking): &mut StakingInnerV1 {
        assert!(staking.version == package_version(), EWrongVersion);
        dynamic_field::borrow_mut(&mut staking.id, staking.version)
    }
}
