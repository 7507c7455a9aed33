import { fromBase64 } from '@mysten/sui/utils'
import { t as root, test } from 'tap'
import { parseObjectId } from '../../src/terms/object-id.ts'
import { packageDigest } from '../../src/devnet/chain/execution/package-commands.ts'
import type { CompiledPackage } from '../../src/devnet/chain/framework/compile.ts'
import { compilePlayground, playgroundPackage, publish } from './chain-playground.ts'
import type { Published } from './chain-playground.ts'
import type { Account } from './chain-start.ts'
import { createdOf, fundedAccount, startChain } from './chain-start.ts'

const chain = startChain(root)
const first = playgroundPackage()

const added = `
public struct Note has key, store { id: UID, text: String }
public fun note(text: String, ctx: &mut TxContext): Note { Note { id: object::new(ctx), text } }
`

function edited(change: (text: string) => string): Promise<CompiledPackage> {
  return compilePlayground((path, text) => (path.endsWith('playground.move') ? change(text) : text))
}

function digestOf({ modules, dependencies }: CompiledPackage): Uint8Array {
  return packageDigest(
    modules.map((module) => fromBase64(module)),
    dependencies.map(parseObjectId),
  )
}

async function upgrade(
  account: Account,
  { id, upgradeCap }: Published,
  compiled: CompiledPackage,
  digest = digestOf(compiled),
): Promise<string> {
  const result = await account.succeed((tx) => {
    const cap = tx.object(upgradeCap)
    const ticket = tx.moveCall({
      target: '0x2::package::authorize_upgrade',
      arguments: [cap, tx.pure.u8(0), tx.pure.vector('u8', digest)],
    })
    const { modules, dependencies } = compiled
    const receipt = tx.upgrade({ modules, dependencies, package: id, ticket })
    tx.moveCall({ target: '0x2::package::commit_upgrade', arguments: [cap, receipt] })
  })
  return result.effects!.changedObjects.find((each) => each.outputState === 'PackageWrite')!
    .objectId
}

test('an upgraded package works on objects of the first one and keeps their types', async (t) => {
  const alice = await fundedAccount(await chain)
  const old = await publish(alice, first)
  const made = await alice.succeed((tx) =>
    tx.transferObjects(
      [
        tx.moveCall({
          target: old.at('objects::box'),
          arguments: [tx.pure.u64(1), tx.pure.string('')],
        }),
      ],
      alice.address,
    ),
  )
  const [box] = createdOf(made, '::objects::Box')
  const next = await upgrade(
    alice,
    old,
    await edited(
      (text) => text.replace('{ box.number = number }', '{ box.number = number + 1000 }') + added,
    ),
  )
  t.not(next, old.id)
  for (const [at, number] of [
    [next, 1005],
    [old.id, 5],
  ] as const) {
    await alice.succeed((tx) =>
      tx.moveCall({
        target: `${at}::objects::renumber`,
        arguments: [tx.object(box!), tx.pure.u64(5)],
      }),
    )
    const { object } = await alice.client.getObject({ objectId: box!, include: { content: true } })
    t.equal(Buffer.from(object.content!).readBigUInt64LE(32), BigInt(number))
    t.equal(object.type, old.at('objects::Box'))
  }
  const noted = await alice.succeed((tx) =>
    tx.transferObjects(
      [tx.moveCall({ target: `${next}::objects::note`, arguments: [tx.pure.string('hi')] })],
      alice.address,
    ),
  )
  t.equal(createdOf(noted, `${next}::objects::Note`).length, 1)
  const { response } = await alice.client.movePackageService.listPackageVersions({
    packageId: next,
  })
  t.same(
    response.versions.map((version) => [version.packageId, version.version]),
    [
      [old.id, 1n],
      [next, 2n],
    ],
  )
})

test('upgrades that old callers would notice, or that were not promised, are refused', async (t) => {
  const alice = await fundedAccount(await chain)
  const old = await publish(alice, first)
  const attempt = (compiled: CompiledPackage, digest?: Uint8Array) =>
    upgrade(alice, old, compiled, digest)
  await t.rejects(
    attempt(
      await edited((text) =>
        text
          .replace('number: u64, name: String }', 'number: u64, name: String, more: u8 }')
          .replace(
            'Box { id: object::new(ctx), number, name }',
            'Box { id: object::new(ctx), number, name, more: 1 }',
          )
          .replace('number: _, name: _ }', 'number: _, name: _, more: _ }'),
      ),
    ),
    { message: /IncompatibleUpgrade/ },
  )
  await t.rejects(
    attempt(
      await edited((text) =>
        text.replace('public fun spin(times: u64)', 'public fun spin(times: u64, _more: u64)'),
      ),
    ),
    { message: /IncompatibleUpgrade/ },
  )
  await t.rejects(attempt(first, new Uint8Array(32)), { message: /DigestDoesNotMatch/ })
  await t.resolves(attempt(first))
})

test('bytecode that is none, or links to nothing, is refused and costs the sender alone', async (t) => {
  const alice = await fundedAccount(await chain)
  const { modules, dependencies } = first
  const attempt = (parts: { modules: number[][] | string[]; dependencies: string[] }) =>
    alice.succeed((tx) => {
      const [cap] = tx.publish(parts as { modules: string[]; dependencies: string[] })
      tx.transferObjects([cap!], alice.address)
    })
  await t.rejects(attempt({ modules: [[1, 2, 3]], dependencies }), {
    message: /VMVerificationOrDeserializationError/,
  })
  const cut = [...fromBase64(modules[0]!)].slice(0, -40)
  await t.rejects(attempt({ modules: [cut], dependencies }), {
    message: /VMVerificationOrDeserializationError/,
  })
  await t.rejects(attempt({ modules: [...modules], dependencies: [] }), {
    message: /PublishUpgradeMissingDependency/,
  })
  await t.rejects(attempt({ modules: [...modules], dependencies: ['0x1', '0x2', '0x99'] }), {
    message: /PublishUpgradeMissingDependency/,
  })
  const { modules: placed } = await import('../../src/devnet/contracts/bytecode.ts')
  await t.rejects(attempt({ modules: [placed[0]!], dependencies }), {
    message: /PublishErrorNonZeroAddress/,
  })
})
