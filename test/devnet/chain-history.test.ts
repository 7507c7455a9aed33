import type { GrpcTypes } from '@mysten/sui/grpc'
import { t as root, test } from 'tap'
import { playgroundPackage, publish } from './chain-playground.ts'
import { clientOf, createdOf, fundedAccount, startChain } from './chain-start.ts'

const shared = publishOnce()

async function publishOnce() {
  const chain = await startChain(root)
  const alice = await fundedAccount(chain)
  const published = await publish(alice, playgroundPackage())
  const target = (name: string) => published.at(`objects::${name}`)
  const newShelf = async () =>
    createdOf(await alice.succeed((tx) => tx.moveCall({ target: target('shelf') })), '::Shelf')[0]!
  const open = (shelf: string) =>
    alice.succeed((tx) => tx.moveCall({ target: target('open'), arguments: [tx.object(shelf)] }))
  return { chain, alice, published, newShelf, open }
}

type Predicate = GrpcTypes.TransactionLiteral['predicate']

const filterOf = (...terms: (Predicate & { not?: boolean })[][]): GrpcTypes.TransactionFilter => ({
  terms: terms.map((literals) => ({
    literals: literals.map(({ not, ...predicate }) => ({
      negated: not ?? false,
      predicate: predicate as Predicate,
    })),
  })),
})

const affects = (objectId: string): Predicate => ({
  oneofKind: 'affectedObject',
  affectedObject: { objectId },
})

/** Listens until `until` is done, then hangs up; returns what came. */
async function listen(
  filter: GrpcTypes.TransactionFilter | undefined,
  until: () => Promise<unknown>,
  format: 'text' | 'binary' = 'text',
) {
  const { chain } = await shared
  const client = clientOf(chain, format)
  const hangUp = new AbortController()
  const frames: GrpcTypes.SubscribeTransactionsResponse[] = []
  const readMask = { paths: ['digest', 'effects.status'] }
  const call = client.subscriptionService.subscribeTransactions(
    { readMask, ...(filter && { filter }) },
    { abort: hangUp.signal },
  )
  let first: () => void = () => {}
  const begun = new Promise<void>((resolve) => (first = resolve))
  const reading = (async () => {
    try {
      for await (const frame of call.responses) {
        frames.push(frame)
        first()
      }
    } catch {
      // The caller hung up.
    }
  })()
  await begun
  await until()
  await new Promise((resolve) => setTimeout(resolve, 50))
  hangUp.abort()
  await reading
  return frames
}

for (const format of ['text', 'binary'] as const)
  test(`a subscription tells of one object alone, after a frame of progress (${format})`, async (t) => {
    const { newShelf, open } = await shared
    const [wanted, other] = [await newShelf(), await newShelf()]
    const digests: string[] = []
    const frames = await listen(
      filterOf([affects(wanted)]),
      async () => {
        for (const shelf of [wanted, other, wanted, other]) digests.push((await open(shelf)).digest)
      },
      format,
    )
    t.equal(frames[0]?.transaction, undefined)
    t.ok(frames[0]?.watermark?.checkpoint)
    t.same(
      frames.slice(1).map((frame) => frame.transaction?.digest),
      [digests[0], digests[2]],
    )
    t.ok(frames.every((frame) => frame.watermark))
  })

test('filters combine senders, calls and events', async (t) => {
  const { chain, alice, published, newShelf, open } = await shared
  const bob = await fundedAccount(chain)
  const shelf = await newShelf()
  const heard = async (filter: GrpcTypes.TransactionFilter | undefined) => {
    const frames = await listen(filter, async () => {
      await open(shelf)
      await bob.succeed((tx) => tx.transferObjects([tx.splitCoins(tx.gas, [1])[0]!], alice.address))
    })
    return frames.filter((frame) => frame.transaction).length
  }
  const from = (address: string): Predicate => ({ oneofKind: 'sender', sender: { address } })
  t.equal(await heard(undefined), 2)
  t.equal(await heard(filterOf([from(bob.address)])), 1)
  t.equal(await heard(filterOf([from(bob.address)], [from(alice.address)])), 2)
  t.equal(await heard(filterOf([from(bob.address), affects(shelf)])), 0)
  t.equal(await heard(filterOf([{ ...from(bob.address), not: true }])), 1)
  const touches: Predicate = {
    oneofKind: 'affectedAddress',
    affectedAddress: { address: alice.address },
  }
  t.equal(await heard(filterOf([touches])), 2)
  for (const name of [published.id, published.at('objects'), published.at('objects::open')])
    t.equal(
      await heard(filterOf([{ oneofKind: 'moveCall', moveCall: { function: name } }])),
      1,
      name,
    )
  const emits: Predicate = {
    oneofKind: 'emitModule',
    emitModule: { module: published.at('objects') },
  }
  t.equal(await heard(filterOf([emits])), 1)
  const eventType = published.at('objects::Opened')
  t.equal(await heard(filterOf([{ oneofKind: 'eventType', eventType: { eventType } }])), 1)
})

test('the history of an object is listed forwards and backwards, in pages', async (t) => {
  const { chain, newShelf, open } = await shared
  const client = clientOf(chain)
  const shelf = await newShelf()
  const digests: string[] = []
  for (let i = 0; i < 7; i++) digests.push((await open(shelf)).digest)
  const page = async (descending: boolean, cursor: Uint8Array | undefined) => {
    const bound = cursor && (descending ? { before: cursor } : { after: cursor })
    const { responses } = client.ledgerService.listTransactions({
      filter: filterOf([affects(shelf)]),
      options: { limit: 3, ordering: descending ? 1 : 0, ...bound },
    })
    const frames: GrpcTypes.ListTransactionsResponse[] = []
    for await (const frame of responses) frames.push(frame)
    return frames
  }
  const listed = async (descending: boolean) => {
    const found: string[] = []
    let cursor: Uint8Array | undefined
    for (let ended = false; !ended;) {
      const frames = await page(descending, cursor)
      t.ok(frames.length <= 4)
      t.same(
        frames.map((frame) => frame.end !== undefined).indexOf(true),
        frames.length - 1,
        'only the last frame ends',
      )
      found.push(...frames.flatMap((frame) => frame.transaction?.digest ?? []))
      cursor = frames.at(-1)!.watermark!.cursor
      ended = frames.at(-1)!.end!.reason !== 1
    }
    return found
  }
  const forwards = await listed(false)
  t.same(forwards.slice(1), digests)
  t.same(await listed(true), [...forwards].reverse())
})

test("a sender's transactions come in pages as the SDK asks for them", async (t) => {
  const { chain } = await shared
  const bob = await fundedAccount(chain)
  const digests: string[] = []
  for (let i = 0; i < 5; i++) {
    const paid = await bob.succeed((tx) =>
      tx.transferObjects([tx.splitCoins(tx.gas, [1])[0]!], bob.address),
    )
    digests.push(paid.digest)
  }
  const found: string[] = []
  let after: string | null = null
  do {
    const page: Awaited<ReturnType<typeof bob.client.core.listTransactions>> =
      await bob.client.core.listTransactions({
        filter: { sender: bob.address },
        limit: 2,
        ...(after && { after }),
      })
    found.push(...page.transactions.map((each) => each.Transaction!.digest))
    after = page.hasNextPage ? page.endCursor : null
  } while (after)
  t.same(found, digests)
})

test('events of a type are listed', async (t) => {
  const { alice, published, newShelf, open } = await shared
  const shelf = await newShelf()
  const digests = [(await open(shelf)).digest, (await open(shelf)).digest]
  const page = await alice.client.core.listEvents({
    filter: { eventType: published.at('objects::Opened') },
    order: 'descending',
    limit: 2,
  })
  t.same(page.events.map((event) => event.transactionDigest).reverse(), digests)
  t.ok(page.hasNextPage)
  t.match(page.events[0], { eventType: published.at('objects::Opened'), eventIndex: 0 })
})
