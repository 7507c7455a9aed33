/// What the tests of the chain do with objects.
module playground::objects;

use std::string::String;
use sui::balance::Balance;
use sui::clock::Clock;
use sui::coin::Coin;
use sui::dynamic_field as field;
use sui::dynamic_object_field as object_field;
use sui::event;
use sui::table::{Self, Table};

const ENotYet: u64 = 7;

public struct OBJECTS has drop {}

/// Made once, when the package is published.
public struct Born has key, store { id: UID, witness: bool, at: address }

public struct Box has key, store { id: UID, number: u64, name: String }

public struct Shelf has key { id: UID, inside: Option<Box>, count: u64 }

public struct Safe<phantom T> has key, store { id: UID, money: Balance<T> }

public struct Register has key { id: UID, names: Table<String, u64> }

public struct Hot { value: u64 }

public struct Opened has copy, drop { shelf: ID, number: u64, by: address, colors: vector<Color> }

public enum Color has copy, drop, store {
    Red,
    Mix { red: u8, green: u8 },
    Grey(u16),
}

public struct Painting has key, store { id: UID, color: Color }

fun init(witness: OBJECTS, ctx: &mut TxContext) {
    let witness = sui::types::is_one_time_witness(&witness);
    transfer::transfer(Born { id: object::new(ctx), witness, at: ctx.sender() }, ctx.sender());
}

public fun box(number: u64, name: String, ctx: &mut TxContext): Box {
    Box { id: object::new(ctx), number, name }
}

public fun renumber(box: &mut Box, number: u64) { box.number = number }

public fun number(box: &Box): u64 { box.number }

public fun number_and_name(box: &Box): (u64, String) { (box.number, box.name) }

public fun reference(box: &Box): &u64 { &box.number }

public fun destroy(box: Box) {
    let Box { id, number: _, name: _ } = box;
    id.delete();
}

public fun freeze_box(box: Box) { transfer::public_freeze_object(box) }

public fun share_box(box: Box) { transfer::public_share_object(box) }

public fun give(box: Box, to: address) { transfer::public_transfer(box, to) }

public fun shelf(ctx: &mut TxContext) {
    transfer::share_object(Shelf { id: object::new(ctx), inside: option::none(), count: 0 })
}

public fun loose_shelf(ctx: &mut TxContext): Shelf {
    Shelf { id: object::new(ctx), inside: option::none(), count: 0 }
}

public fun put(shelf: &mut Shelf, box: Box) {
    shelf.inside.fill(box);
    shelf.count = shelf.count + 1;
}

public fun take(shelf: &mut Shelf): Box {
    let box = shelf.inside.extract();
    box
}

public fun open(shelf: &mut Shelf, ctx: &TxContext) {
    shelf.count = shelf.count + 1;
    let colors = vector[Color::Red, Color::Mix { red: 1, green: 2 }, Color::Grey(300)];
    event::emit(Opened { shelf: object::id(shelf), number: shelf.count, by: ctx.sender(), colors })
}

public fun count(shelf: &Shelf): u64 { shelf.count }

public fun close(shelf: Shelf) {
    let Shelf { id, inside, count: _ } = shelf;
    inside.destroy_none();
    id.delete();
}

public fun hand_over(shelf: Shelf, to: address) { transfer::transfer(shelf, to) }

public fun label(box: &mut Box, key: String, value: u64) { field::add(&mut box.id, key, value) }

public fun relabel(box: &mut Box, key: String, value: u64) { *field::borrow_mut(&mut box.id, key) = value }

public fun labelled(box: &Box, key: String): u64 { *field::borrow(&box.id, key) }

public fun unlabel(box: &mut Box, key: String): u64 { field::remove(&mut box.id, key) }

public fun hang(box: &mut Box, key: u64, inner: Box) { object_field::add(&mut box.id, key, inner) }

public fun unhang(box: &mut Box, key: u64): Box { object_field::remove(&mut box.id, key) }

public fun renumber_hung(box: &mut Box, key: u64, number: u64) {
    let inner: &mut Box = object_field::borrow_mut(&mut box.id, key);
    inner.number = number;
}

public fun receive_box(box: &mut Box, sent: transfer::Receiving<Box>): Box {
    transfer::public_receive(&mut box.id, sent)
}

public fun safe<T>(coin: Coin<T>, ctx: &mut TxContext): Safe<T> {
    Safe { id: object::new(ctx), money: coin.into_balance() }
}

public fun unlock<T>(safe: Safe<T>, ctx: &mut TxContext): Coin<T> {
    let Safe { id, money } = safe;
    id.delete();
    sui::coin::from_balance(money, ctx)
}

public fun register(ctx: &mut TxContext) {
    transfer::share_object(Register { id: object::new(ctx), names: table::new(ctx) })
}

public fun enter(register: &mut Register, name: String, number: u64) { register.names.add(name, number) }

public fun hot(value: u64): Hot { Hot { value } }

public fun cool(hot: Hot): u64 {
    let Hot { value } = hot;
    value
}

public fun sum(boxes: vector<Box>): u64 {
    let mut boxes = boxes;
    let mut total = 0;
    while (!boxes.is_empty()) {
        let box = boxes.pop_back();
        total = total + box.number;
        box.destroy();
    };
    boxes.destroy_empty();
    total
}

public fun paint(color: u8, ctx: &mut TxContext): Painting {
    let color = if (color == 0) Color::Red else if (color == 1) Color::Mix { red: 3, green: 4 }
    else Color::Grey(color as u16);
    Painting { id: object::new(ctx), color }
}

public fun brightness(painting: &mut Painting): u64 {
    match (&mut painting.color) {
        Color::Red => 1,
        Color::Mix { red, green } => {
            *red = *red + 1;
            (*red as u64) + (*green as u64)
        },
        Color::Grey(level) => *level as u64,
    }
}

public fun wait(clock: &Clock, until: u64) { assert!(clock.timestamp_ms() >= until, ENotYet) }

public fun spin(times: u64) {
    let mut i = 0;
    while (i < times) i = i + 1;
}

public fun deep(level: u64): u64 { if (level == 0) 0 else 1 + deep(level - 1) }

public fun fail(code: u64) { abort code }

public fun out_of_bounds(bytes: vector<u8>, i: u64): u8 { bytes[i] }

public fun ids(ctx: &mut TxContext): vector<address> {
    vector[ctx.fresh_object_address(), ctx.fresh_object_address()]
}

entry fun only_entry(_box: &Box) {}

fun hidden() {}

public fun unhide() { hidden() }
