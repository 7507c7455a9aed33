import { Transaction } from '@mysten/sui/transactions'
import { bcs } from '@mysten/sui/bcs'
import { deriveDynamicFieldID } from '@mysten/sui/utils'
import { t as root, test } from 'tap'
import { playgroundPackage, publish } from './chain-playground.ts'
import { createdOf, fundedAccount, startChain } from './chain-start.ts'

const Box = bcs.struct('Box', { id: bcs.Address, number: bcs.u64(), name: bcs.string() })

const shared = publishOnce()

async function publishOnce() {
  const chain = await startChain(root)
  const publisher = await fundedAccount(chain)
  return { chain, publisher, published: await publish(publisher, playgroundPackage()) }
}

/** Two new accounts and the published package. */
async function playground() {
  const { chain, publisher, published } = await shared
  const alice = await fundedAccount(chain)
  const bob = await fundedAccount(chain)
  const target = (name: string) => published.at(`objects::${name}`)
  const contentOf = async (objectId: string) =>
    (await alice.client.getObject({ objectId, include: { content: true } })).object
  const readBox = async (id: string) => Box.parse((await contentOf(id)).content!)
  const newBox = async (number = 1, name = 'a box') => {
    const made = await alice.succeed((tx) => {
      const box = tx.moveCall({
        target: target('box'),
        arguments: [tx.pure.u64(number), tx.pure.string(name)],
      })
      tx.transferObjects([box], alice.address)
    })
    return createdOf(made, '::Box')[0]!
  }
  const newShelf = async () =>
    createdOf(await alice.succeed((tx) => tx.moveCall({ target: target('shelf') })), '::Shelf')[0]!
  return { chain, publisher, alice, bob, published, target, contentOf, readBox, newBox, newShelf }
}

test('init runs once with its one-time witness', async (t) => {
  const { publisher, published } = await playground()
  const { objects } = await publisher.client.listOwnedObjects({
    owner: publisher.address,
    type: published.at('objects::Born'),
    include: { content: true },
  })
  t.equal(objects.length, 1)
  const Born = bcs.struct('Born', { id: bcs.Address, witness: bcs.bool(), at: bcs.Address })
  t.match(Born.parse(objects[0]!.content!), { witness: true, at: publisher.address })
})

test('an owned object is made, changed, given away and destroyed', async (t) => {
  const { alice, bob, target, readBox, newBox } = await playground()
  const box = await newBox(5, 'käse')
  t.match(await readBox(box), { id: box, number: '5', name: 'käse' })
  const changed = await alice.succeed((tx) =>
    tx.moveCall({ target: target('renumber'), arguments: [tx.object(box), tx.pure.u64(6)] }),
  )
  t.match(await readBox(box), { number: '6' })
  const change = changed.effects!.changedObjects.find((each) => each.objectId === box)!
  t.equal(change.outputVersion, changed.effects!.lamportVersion)
  t.match(change, { inputState: 'Exists', outputState: 'ObjectWrite', idOperation: 'None' })
  await alice.succeed((tx) => tx.transferObjects([tx.object(box)], bob.address))
  const gone = await bob.succeed((tx) =>
    tx.moveCall({ target: target('destroy'), arguments: [tx.object(box)] }),
  )
  t.match(
    gone.effects!.changedObjects.find((each) => each.objectId === box),
    { outputState: 'DoesNotExist', idOperation: 'Deleted' },
  )
  await t.rejects(readBox(box), { message: /not found/ })
})

test('an object is wrapped in a shared one and taken out again', async (t) => {
  const { alice, bob, target, readBox, newBox, newShelf } = await playground()
  const [box, shelf] = [await newBox(), await newShelf()]
  const wrapped = await alice.succeed((tx) =>
    tx.moveCall({ target: target('put'), arguments: [tx.object(shelf), tx.object(box)] }),
  )
  t.match(
    wrapped.effects!.changedObjects.find((each) => each.objectId === box),
    { outputState: 'DoesNotExist', idOperation: 'None' },
  )
  await t.rejects(readBox(box))
  const unwrapped = await bob.succeed((tx) =>
    tx.transferObjects(
      [tx.moveCall({ target: target('take'), arguments: [tx.object(shelf)] })],
      bob.address,
    ),
  )
  t.match(
    unwrapped.effects!.changedObjects.find((each) => each.objectId === box),
    { inputState: 'DoesNotExist', outputState: 'ObjectWrite', idOperation: 'None' },
  )
  t.match(await readBox(box), { id: box })
})

test('a shared object keeps its first version and can only be deleted', async (t) => {
  const { alice, bob, target, contentOf, newShelf } = await playground()
  const shelf = await newShelf()
  const first = (await contentOf(shelf)).owner
  await bob.succeed((tx) => tx.moveCall({ target: target('open'), arguments: [tx.object(shelf)] }))
  t.same((await contentOf(shelf)).owner, first)
  const handed = new Transaction()
  handed.setSender(alice.address)
  handed.moveCall({
    target: target('hand_over'),
    arguments: [handed.object(shelf), handed.pure.address(alice.address)],
  })
  await t.rejects(handed.build({ client: alice.client }), {
    message: /shared object operation is not allowed/,
  })
  await bob.succeed((tx) => tx.moveCall({ target: target('close'), arguments: [tx.object(shelf)] }))
  await t.rejects(contentOf(shelf))
})

test('a frozen object can be read by all and changed by none', async (t) => {
  const { alice, bob, target, contentOf, newBox } = await playground()
  const box = await newBox()
  await alice.succeed((tx) =>
    tx.moveCall({ target: target('freeze_box'), arguments: [tx.object(box)] }),
  )
  t.match((await contentOf(box)).owner, { Immutable: true })
  await bob.succeed((tx) => tx.moveCall({ target: target('number'), arguments: [tx.object(box)] }))
  await t.rejects(
    bob.succeed((tx) =>
      tx.moveCall({ target: target('renumber'), arguments: [tx.object(box), tx.pure.u64(2)] }),
    ),
    { message: /InvalidObjectByMutRef/ },
  )
  await t.rejects(
    bob.succeed((tx) => tx.moveCall({ target: target('destroy'), arguments: [tx.object(box)] })),
    { message: /InvalidObjectByValue/ },
  )
})

test('dynamic fields lie where every client computes them', async (t) => {
  const { alice, target, newBox } = await playground()
  const box = await newBox()
  const call = (name: string, key: string, ...value: number[]) =>
    alice.succeed((tx) =>
      tx.moveCall({
        target: target(name),
        arguments: [tx.object(box), tx.pure.string(key), ...value.map((v) => tx.pure.u64(v))],
      }),
    )
  const added = await call('label', 'weight', 12)
  const key = bcs.string().serialize('weight').toBytes()
  const id = deriveDynamicFieldID(box, '0x1::string::String', key)
  t.ok(added.effects!.changedObjects.some((change) => change.objectId === id))
  const { dynamicField } = await alice.client.getDynamicField({
    parentId: box,
    name: { type: '0x1::string::String', bcs: key },
  })
  t.equal(bcs.u64().parse(dynamicField.value.bcs), '12')
  await call('relabel', 'weight', 13)
  await call('labelled', 'weight')
  for (let i = 0; i < 5; i++) await call('label', `label ${i}`, i)
  const first = await alice.client.listDynamicFields({ parentId: box, limit: 4 })
  t.equal(first.dynamicFields.length, 4)
  t.ok(first.hasNextPage)
  const rest = await alice.client.listDynamicFields({ parentId: box, cursor: first.cursor })
  t.equal(rest.dynamicFields.length, 2)
  t.notOk(rest.hasNextPage)
  const names = [...first.dynamicFields, ...rest.dynamicFields].map((field) =>
    bcs.string().parse(field.name.bcs),
  )
  t.ok(names.includes('weight') && names.includes('label 4'))
  const gone = await call('unlabel', 'weight')
  t.match(
    gone.effects!.changedObjects.find((change) => change.objectId === id),
    { outputState: 'DoesNotExist', idOperation: 'Deleted' },
  )
  const again = call('unlabel', 'weight')
  await t.rejects(again, { message: /abort code: 1, in .*dynamic_field::remove_child_object/ })
})

test('dynamic object fields keep the id of what hangs there', async (t) => {
  const { alice, target, readBox, newBox } = await playground()
  const [outer, inner] = [await newBox(1), await newBox(2)]
  await alice.succeed((tx) =>
    tx.moveCall({
      target: target('hang'),
      arguments: [tx.object(outer), tx.pure.u64(9), tx.object(inner)],
    }),
  )
  await alice.succeed((tx) =>
    tx.moveCall({
      target: target('renumber_hung'),
      arguments: [tx.object(outer), tx.pure.u64(9), tx.pure.u64(77)],
    }),
  )
  t.match(await readBox(inner), { number: '77' })
  const { dynamicFields } = await alice.client.listDynamicFields({ parentId: outer })
  t.match(dynamicFields, [{ $kind: 'DynamicObject', childId: inner }])
  await alice.succeed((tx) =>
    tx.transferObjects(
      [tx.moveCall({ target: target('unhang'), arguments: [tx.object(outer), tx.pure.u64(9)] })],
      alice.address,
    ),
  )
  t.equal((await alice.client.listDynamicFields({ parentId: outer })).dynamicFields.length, 0)
})

test('an object that was sent to an object is received', async (t) => {
  const { alice, target, contentOf, newBox } = await playground()
  const [mailbox, letter] = [await newBox(1), await newBox(2)]
  await alice.succeed((tx) => tx.transferObjects([tx.object(letter)], mailbox))
  const received = await alice.succeed((tx) =>
    tx.transferObjects(
      [
        tx.moveCall({
          target: target('receive_box'),
          arguments: [tx.object(mailbox), tx.object(letter)],
        }),
      ],
      alice.address,
    ),
  )
  t.match((await contentOf(letter)).owner, { AddressOwner: alice.address })
  const version = received.effects!.lamportVersion
  t.equal((await contentOf(letter)).version, version)
})

test('generic objects hold coins', async (t) => {
  const { alice, target, published } = await playground()
  const typeArguments = ['0x2::sui::SUI']
  const made = await alice.succeed((tx) => {
    const [coin] = tx.splitCoins(tx.gas, [5000])
    const safe = tx.moveCall({ target: target('safe'), typeArguments, arguments: [coin!] })
    tx.transferObjects([safe], alice.address)
  })
  const [safe] = createdOf(made, '::sui::SUI>')
  const full = `0x${'2'.padStart(64, '0')}`
  t.equal(made.objectTypes![safe!], published.at(`objects::Safe<${full}::sui::SUI>`))
  const unlocked = await alice.succeed((tx) =>
    tx.transferObjects(
      [tx.moveCall({ target: target('unlock'), typeArguments, arguments: [tx.object(safe!)] })],
      alice.address,
    ),
  )
  t.equal(createdOf(unlocked, '::sui::SUI>').length, 1)
})

test('enums are made, matched and changed', async (t) => {
  const { alice, target, contentOf } = await playground()
  const made = await alice.succeed((tx) =>
    tx.transferObjects(
      [tx.moveCall({ target: target('paint'), arguments: [tx.pure.u8(1)] })],
      alice.address,
    ),
  )
  const [painting] = createdOf(made, '::Painting')
  await alice.succeed((tx) =>
    tx.moveCall({ target: target('brightness'), arguments: [tx.object(painting!)] }),
  )
  const Color = bcs.enum('Color', {
    Red: null,
    Mix: bcs.struct('Mix', { red: bcs.u8(), green: bcs.u8() }),
    Grey: bcs.u16(),
  })
  const { content } = await contentOf(painting!)
  t.match(bcs.struct('P', { id: bcs.Address, color: Color }).parse(content!), {
    color: { Mix: { red: 4, green: 4 } },
  })
})

test('events carry their values and the module that was called', async (t) => {
  const { alice, published, target, newShelf } = await playground()
  const shelf = await newShelf()
  const opened = await alice.succeed((tx) =>
    tx.moveCall({ target: target('open'), arguments: [tx.object(shelf)] }),
  )
  const [event] = opened.events!
  t.match(event, {
    packageId: published.id,
    module: 'objects',
    sender: alice.address,
    eventType: published.at('objects::Opened'),
  })
  const Color = bcs.enum('C', { Red: null, Mix: bcs.tuple([bcs.u8(), bcs.u8()]), Grey: bcs.u16() })
  const Opened = bcs.struct('O', {
    shelf: bcs.Address,
    number: bcs.u64(),
    by: bcs.Address,
    colors: bcs.vector(Color),
  })
  t.match(Opened.parse(event!.bcs), { shelf, number: '1', by: alice.address })
  t.match(Opened.parse(event!.bcs).colors, [{ Red: true }, { Mix: [1, 2] }, { Grey: 300 }])
})

test('new objects have the ids that real Sui gives them', async (t) => {
  const { alice, target } = await playground()
  const made = await alice.succeed((tx) => {
    const boxes = [1, 2].map((n) =>
      tx.moveCall({ target: target('box'), arguments: [tx.pure.u64(n), tx.pure.string('')] }),
    )
    tx.transferObjects(boxes, alice.address)
  })
  const { blake2b } = await import('@noble/hashes/blake2.js')
  const { fromBase58 } = await import('@mysten/sui/utils')
  const expected = [0, 1].map((n) => {
    const counter = bcs.u64().serialize(n).toBytes()
    const bytes = Buffer.concat([Buffer.of(0xf1), fromBase58(made.digest), counter])
    return `0x${Buffer.from(blake2b(bytes, { dkLen: 32 })).toString('hex')}`
  })
  t.same(createdOf(made, '::Box').sort(), expected.sort())
})

test('the clock tells the time and can be moved', async (t) => {
  const { chain, alice, target } = await playground()
  const inAnHour = Date.now() + 3_600_000
  const wait = () =>
    alice.succeed((tx) =>
      tx.moveCall({
        target: target('wait'),
        arguments: [tx.object.clock(), tx.pure.u64(inAnHour)],
      }),
    )
  await t.rejects(wait(), { message: /abort code: 7, in .*objects::wait/ })
  chain.advanceClock(3_700_000)
  await wait()
})
