/// What a transaction may know of itself.
module sui::tx_context;

#[allow(unused_field)]
public struct TxContext has drop {
    sender: address,
    tx_hash: vector<u8>,
    epoch: u64,
    epoch_timestamp_ms: u64,
    ids_created: u64,
}

public fun sender(_self: &TxContext): address { native_sender() }

public fun digest(self: &TxContext): &vector<u8> { &self.tx_hash }

public fun epoch(_self: &TxContext): u64 { native_epoch() }

public fun epoch_timestamp_ms(_self: &TxContext): u64 { native_epoch_timestamp_ms() }

public fun sponsor(_self: &TxContext): Option<address> {
    let mut sponsors = native_sponsor();
    if (sponsors.is_empty()) option::none() else option::some(sponsors.pop_back())
}

public fun reference_gas_price(_self: &TxContext): u64 { native_rgp() }

public fun gas_price(_self: &TxContext): u64 { native_gas_price() }

public fun fresh_object_address(_ctx: &mut TxContext): address { fresh_id() }

native fun native_sender(): address;
native fun native_epoch(): u64;
native fun native_epoch_timestamp_ms(): u64;
native fun native_sponsor(): vector<address>;
native fun native_rgp(): u64;
native fun native_gas_price(): u64;
native fun fresh_id(): address;
