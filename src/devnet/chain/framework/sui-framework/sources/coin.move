/// Amounts of a currency inside other objects.
module sui::balance {
    public struct Supply<phantom T> has store { value: u64 }

    public struct Balance<phantom T> has store { value: u64 }

    const ENonZero: u64 = 0;
    const EOverflow: u64 = 1;
    const ENotEnough: u64 = 2;

    public fun value<T>(self: &Balance<T>): u64 { self.value }

    public fun supply_value<T>(supply: &Supply<T>): u64 { supply.value }

    public fun create_supply<T: drop>(_: T): Supply<T> { Supply { value: 0 } }

    public fun increase_supply<T>(self: &mut Supply<T>, value: u64): Balance<T> {
        assert!(value < (18446744073709551615u64 - self.value), EOverflow);
        self.value = self.value + value;
        Balance { value }
    }

    public fun decrease_supply<T>(self: &mut Supply<T>, balance: Balance<T>): u64 {
        let Balance { value } = balance;
        assert!(self.value >= value, EOverflow);
        self.value = self.value - value;
        value
    }

    public fun zero<T>(): Balance<T> { Balance { value: 0 } }

    public fun join<T>(self: &mut Balance<T>, balance: Balance<T>): u64 {
        let Balance { value } = balance;
        self.value = self.value + value;
        self.value
    }

    public fun split<T>(self: &mut Balance<T>, value: u64): Balance<T> {
        assert!(self.value >= value, ENotEnough);
        self.value = self.value - value;
        Balance { value }
    }

    public fun withdraw_all<T>(self: &mut Balance<T>): Balance<T> {
        let value = self.value;
        self.split(value)
    }

    public fun destroy_zero<T>(balance: Balance<T>) {
        assert!(balance.value == 0, ENonZero);
        let Balance { value: _ } = balance;
    }

    /// Money out of nothing, for the currencies that the devnet itself hands out.
    public(package) fun create_for_devnet<T>(value: u64): Balance<T> { Balance { value } }
}

/// Amounts of a currency as objects.
module sui::coin {
    use std::ascii;
    use std::string;
    use sui::balance::{Self, Balance, Supply};
    use sui::url::Url;

    public struct Coin<phantom T> has key, store { id: UID, balance: Balance<T> }

    public struct CoinMetadata<phantom T> has key, store {
        id: UID,
        decimals: u8,
        name: string::String,
        symbol: ascii::String,
        description: string::String,
        icon_url: Option<Url>,
    }

    public struct TreasuryCap<phantom T> has key, store { id: UID, total_supply: Supply<T> }

    const EBadWitness: u64 = 0;
    const EInvalidArg: u64 = 1;
    const ENotEnough: u64 = 2;

    public fun total_supply<T>(cap: &TreasuryCap<T>): u64 { cap.total_supply.supply_value() }

    public fun value<T>(self: &Coin<T>): u64 { self.balance.value() }

    public fun balance<T>(coin: &Coin<T>): &Balance<T> { &coin.balance }

    public fun balance_mut<T>(coin: &mut Coin<T>): &mut Balance<T> { &mut coin.balance }

    public fun from_balance<T>(balance: Balance<T>, ctx: &mut TxContext): Coin<T> {
        Coin { id: object::new(ctx), balance }
    }

    public fun into_balance<T>(coin: Coin<T>): Balance<T> {
        let Coin { id, balance } = coin;
        id.delete();
        balance
    }

    public fun take<T>(balance: &mut Balance<T>, value: u64, ctx: &mut TxContext): Coin<T> {
        Coin { id: object::new(ctx), balance: balance.split(value) }
    }

    public fun put<T>(balance: &mut Balance<T>, coin: Coin<T>) { balance.join(into_balance(coin)); }

    public entry fun join<T>(self: &mut Coin<T>, c: Coin<T>) {
        let Coin { id, balance } = c;
        id.delete();
        self.balance.join(balance);
    }

    public fun split<T>(self: &mut Coin<T>, split_amount: u64, ctx: &mut TxContext): Coin<T> {
        take(&mut self.balance, split_amount, ctx)
    }

    public fun divide_into_n<T>(self: &mut Coin<T>, n: u64, ctx: &mut TxContext): vector<Coin<T>> {
        assert!(n > 0, EInvalidArg);
        assert!(n <= self.value(), ENotEnough);
        let mut coins = vector[];
        let part = self.value() / n;
        let mut i = 0;
        while (i < n - 1) {
            coins.push_back(self.split(part, ctx));
            i = i + 1;
        };
        coins
    }

    public fun zero<T>(ctx: &mut TxContext): Coin<T> {
        Coin { id: object::new(ctx), balance: balance::zero() }
    }

    public fun destroy_zero<T>(c: Coin<T>) {
        let Coin { id, balance } = c;
        id.delete();
        balance.destroy_zero()
    }

    public fun create_currency<T: drop>(
        witness: T,
        decimals: u8,
        symbol: vector<u8>,
        name: vector<u8>,
        description: vector<u8>,
        icon_url: Option<Url>,
        ctx: &mut TxContext,
    ): (TreasuryCap<T>, CoinMetadata<T>) {
        assert!(sui::types::is_one_time_witness(&witness), EBadWitness);
        (
            TreasuryCap { id: object::new(ctx), total_supply: balance::create_supply(witness) },
            CoinMetadata {
                id: object::new(ctx),
                decimals,
                name: string::utf8(name),
                symbol: ascii::string(symbol),
                description: string::utf8(description),
                icon_url,
            },
        )
    }

    public fun mint<T>(cap: &mut TreasuryCap<T>, value: u64, ctx: &mut TxContext): Coin<T> {
        Coin { id: object::new(ctx), balance: cap.total_supply.increase_supply(value) }
    }

    public fun mint_balance<T>(cap: &mut TreasuryCap<T>, value: u64): Balance<T> {
        cap.total_supply.increase_supply(value)
    }

    public entry fun burn<T>(cap: &mut TreasuryCap<T>, c: Coin<T>): u64 {
        cap.total_supply.decrease_supply(c.into_balance())
    }

    public entry fun mint_and_transfer<T>(
        c: &mut TreasuryCap<T>,
        amount: u64,
        recipient: address,
        ctx: &mut TxContext,
    ) {
        transfer::public_transfer(mint(c, amount, ctx), recipient)
    }

    public fun get_decimals<T>(metadata: &CoinMetadata<T>): u8 { metadata.decimals }

    public fun get_symbol<T>(metadata: &CoinMetadata<T>): ascii::String { metadata.symbol }

    /// The faucet of the devnet. Private: only the devnet itself can call it.
    #[allow(unused_function)]
    fun mint_for_devnet<T>(amount: u64, recipient: address, ctx: &mut TxContext) {
        let coin = Coin<T> { id: object::new(ctx), balance: balance::create_for_devnet(amount) };
        transfer::transfer(coin, recipient)
    }
}

module sui::sui {
    /// The currency that pays for gas.
    public struct SUI has drop {}
}
