import { bcs } from '@mysten/sui/bcs'
import type { Transaction } from '@mysten/sui/transactions'
import { t as root, test } from 'tap'
import { playgroundPackage, publish } from './chain-playground.ts'
import { fundedAccount, startChain } from './chain-start.ts'

const shared = publishOnce()

async function publishOnce() {
  const chain = await startChain(root)
  const alice = await fundedAccount(chain)
  const published = await publish(alice, playgroundPackage())
  const target = (name: string) => published.at(`objects::${name}`)
  const box = (tx: Transaction, number = 1) =>
    tx.moveCall({ target: target('box'), arguments: [tx.pure.u64(number), tx.pure.string('b')] })
  /** How a trial run fails: status of the first wrong command. */
  const failure = async (build: (transaction: Transaction) => void) => {
    try {
      await alice.succeed(build)
    } catch (error) {
      return (error as { executionError?: object }).executionError ?? (error as Error)
    }
    throw new Error('the transaction was carried out')
  }
  return { chain, alice, published, target, box, failure }
}

test('results of commands are arguments of later ones', async (t) => {
  const { alice, target, box } = await shared
  const result = await alice
    .run((tx) => {
      const boxes = tx.makeMoveVec({
        type: target('Box'),
        elements: [box(tx, 5), box(tx, 6), box(tx, 7)],
      })
      const sum = tx.moveCall({ target: target('sum'), arguments: [boxes] })
      const hot = tx.moveCall({ target: target('hot'), arguments: [sum] })
      const code = tx.moveCall({ target: target('cool'), arguments: [hot] })
      tx.moveCall({ target: target('spin'), arguments: [code] })
      tx.moveCall({ target: target('spin'), arguments: [code] })
      const [number, name] = tx.moveCall({
        target: target('number_and_name'),
        arguments: [tx.moveCall({ target: target('box'), arguments: [code, tx.pure.string('x')] })],
      })
      tx.transferObjects(
        [tx.moveCall({ target: target('box'), arguments: [number!, name!] })],
        alice.address,
      )
    })
    .catch((error: Error) => error)
  t.match(result, { message: /UnusedValueWithoutDrop { result_idx: 9, secondary_idx: 0 }/ })
})

test('a trial run shows what commands return', async (t) => {
  const { alice, target, box } = await shared
  const { Transaction } = await import('@mysten/sui/transactions')
  const tx = new Transaction()
  tx.setSender(alice.address)
  const made = box(tx, 42)
  tx.moveCall({ target: target('number_and_name'), arguments: [made] })
  tx.moveCall({ target: target('destroy'), arguments: [made] })
  const result = await alice.client.core.simulateTransaction({
    transaction: tx,
    include: { commandResults: true, effects: true },
  })
  const values = result.commandResults![1]!.returnValues
  t.equal(bcs.u64().parse(values[0]!.bcs!), '42')
  t.equal(bcs.string().parse(values[1]!.bcs!), 'b')
})

test('a value that may not be dropped must be used', async (t) => {
  const { target, failure } = await shared
  t.match(
    await failure((tx) => {
      tx.moveCall({ target: target('hot'), arguments: [tx.pure.u64(1)] })
    }),
    { $kind: 'IndexError', message: /UnusedValueWithoutDrop { result_idx: 0, secondary_idx: 0 }/ },
  )
})

test('aborts tell module, function and code', async (t) => {
  const { published, target, failure } = await shared
  t.match(
    await failure((tx) => {
      tx.moveCall({ target: target('spin'), arguments: [tx.pure.u64(1)] })
      tx.moveCall({ target: target('fail'), arguments: [tx.pure.u64(123)] })
    }),
    {
      $kind: 'MoveAbort',
      command: 1,
      MoveAbort: {
        abortCode: '123',
        location: { package: published.id, module: 'objects', functionName: 'fail' },
      },
    },
  )
})

test('errors of the machine tell where they happened', async (t) => {
  const { target, failure } = await shared
  t.match(
    await failure((tx) => {
      tx.moveCall({
        target: target('out_of_bounds'),
        arguments: [tx.pure.vector('u8', [1, 2]), tx.pure.u64(2)],
      })
    }),
    { message: /out_of_bounds/ },
  )
})

test('endless work ends with the gas', async (t) => {
  const { alice, target } = await shared
  const { Transaction } = await import('@mysten/sui/transactions')
  const tx = new Transaction()
  tx.setSender(alice.address)
  tx.setGasBudget(20_000_000)
  tx.setGasPrice(1000)
  const { objects } = await alice.client.listCoins({ owner: alice.address })
  tx.setGasPayment(objects.slice(0, 1))
  tx.moveCall({ target: target('spin'), arguments: [tx.pure.u64(10n ** 12n)] })
  const result = await alice.client.core.signAndExecuteTransaction({
    transaction: tx,
    signer: alice.keypair,
    include: { effects: true },
  })
  t.match(result.FailedTransaction?.status.error, { message: /InsufficientGas/ })
  t.equal(result.FailedTransaction?.effects.gasUsed.computationCost, '20000000')
})

test('calls that are nested too deeply fail, and others are carried out', async (t) => {
  const { alice, target, failure } = await shared
  await alice.succeed((tx) => {
    tx.moveCall({ target: target('deep'), arguments: [tx.pure.u64(1000)] })
  })
  t.match(
    await failure((tx) => {
      tx.moveCall({ target: target('deep'), arguments: [tx.pure.u64(5000)] })
    }),
    { message: /objects::deep/ },
  )
})

test('what a function does not accept is refused argument by argument', async (t) => {
  const { alice, target, box, failure } = await shared
  const refused = async (name: string, build: (tx: Transaction) => void) =>
    t.match(await failure(build), { message: new RegExp(name) }, name)
  await refused('FunctionNotFound', (tx) => tx.moveCall({ target: target('nothing') }))
  await refused('NonEntryFunctionInvoked', (tx) => tx.moveCall({ target: target('hidden') }))
  await refused('InvalidPublicFunctionReturnType', (tx) =>
    tx.moveCall({ target: target('reference'), arguments: [box(tx)] }),
  )
  await refused('ArityMismatch', (tx) => tx.moveCall({ target: target('fail') }))
  await refused('TypeArityMismatch', (tx) =>
    tx.moveCall({ target: '0x2::coin::zero', typeArguments: [] }),
  )
  await refused('TypeArgumentError|TypeNotFound', (tx) =>
    tx.moveCall({ target: '0x2::coin::zero', typeArguments: ['0x2::sui::NOTHING'] }),
  )
  await refused('TypeMismatch', (tx) =>
    tx.moveCall({ target: target('renumber'), arguments: [tx.gas, tx.pure.u64(1)] }),
  )
  await refused('InvalidUsageOfPureArg', (tx) =>
    tx.moveCall({ target: target('number'), arguments: [tx.pure.u64(1)] }),
  )
  await refused('InvalidBCSBytes', (tx) =>
    tx.moveCall({ target: target('fail'), arguments: [tx.pure.u8(1)] }),
  )
  await refused('InvalidBCSBytes', (tx) =>
    tx.moveCall({
      target: target('box'),
      arguments: [tx.pure.u64(1), tx.pure.vector('u8', [0xff, 0xfe])],
    }),
  )
  await refused('InvalidGasCoinUsage', (tx) =>
    tx.moveCall({
      target: '0x2::coin::destroy_zero',
      typeArguments: ['0x2::sui::SUI'],
      arguments: [tx.gas],
    }),
  )
  await refused('InvalidValueUsage', (tx) => {
    const made = box(tx)
    tx.transferObjects([made, made], alice.address)
  })
  await refused('InvalidTransferObject', (tx) =>
    tx.transferObjects([tx.moveCall({ target: target('loose_shelf') })], alice.address),
  )
  await alice.succeed((tx) => {
    const made = box(tx)
    tx.moveCall({ target: target('only_entry'), arguments: [made] })
    tx.transferObjects([made], alice.address)
  })
})

test('sizes are limited as the protocol says', async (t) => {
  const { target, failure } = await shared
  const refused = async (what: RegExp, build: (tx: Transaction) => void) =>
    t.match(await failure(build), { message: what })
  await refused(/maximum pure argument size is 16384/, (tx) => {
    tx.moveCall({
      target: target('out_of_bounds'),
      arguments: [tx.pure.vector('u8', new Uint8Array(16_383)), tx.pure.u64(0)],
    })
  })
  await refused(/maximum commands in a programmable transaction is 1024/, (tx) => {
    const code = tx.pure.u64(1)
    for (let i = 0; i < 1025; i++) tx.moveCall({ target: target('spin'), arguments: [code] })
  })
  await refused(/maximum arguments in a programmable transaction command is 512/, (tx) => {
    const one = tx.pure.u64(1)
    tx.splitCoins(
      tx.gas,
      Array.from({ length: 513 }, () => one),
    )
  })
  await refused(/serialized transaction size exceeded maximum is 131072/, (tx) => {
    for (let i = 0; i < 9; i++)
      tx.moveCall({
        target: target('out_of_bounds'),
        arguments: [tx.pure.vector('u8', new Uint8Array(16_300)), tx.pure.u64(i)],
      })
  })
  await refused(/Command input is empty/, (tx) => {
    tx.splitCoins(tx.gas, [])
  })
  await refused(/Dependent package not found/, (tx) => tx.moveCall({ target: '0x77::a::b' }))
})

test('an argument of 16 KiB is accepted', async (t) => {
  const { alice, target } = await shared
  const result = await alice.run((tx) => {
    tx.moveCall({
      target: target('out_of_bounds'),
      arguments: [tx.pure.vector('u8', new Uint8Array(16_381)), tx.pure.u64(16_380)],
    })
  })
  t.equal(result.$kind, 'Transaction')
})
