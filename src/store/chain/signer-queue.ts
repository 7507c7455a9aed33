import type { SuiGrpcClient } from '@mysten/sui/grpc'
import type { SuiClientTypes } from '@mysten/sui/client'
import { Transaction, TransactionDataBuilder } from '@mysten/sui/transactions'
import PQueue from 'p-queue'
import { systemClock } from '../../runtime/clock.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { Log } from '../../runtime/log.ts'
import { parseObjectId } from '../../terms/object-id.ts'
import type { ObjectId } from '../../terms/object-id.ts'
import { abortable } from '../abortable.ts'
import type { TransactionSigner } from './sui-key.ts'
import { ChainError, chainErrorOf, executionErrorOf, isDefinite } from './chain-error.ts'

/** A transaction that was carried out. */
export interface Executed {
  readonly digest: string
  /** Objects that it made, with their types. */
  readonly created: readonly { readonly objectId: ObjectId; readonly type: string }[]
  /** The package that it published, if any. */
  readonly published: ObjectId | undefined
  /** What it told of, in order: the type and the BCS bytes of each. */
  readonly events: readonly { readonly type: string; readonly bytes: Uint8Array }[]
}

/**
 * Adds the commands. Called again when the transaction has to be built anew, since the full node had not shown what was done
 * before: whoever decided by what it showed has to look again.
 */
export type Compose = (transaction: Transaction) => void | Promise<void>

export interface SignerQueueOptions {
  readonly client: SuiGrpcClient
  readonly signer: TransactionSigner
  readonly log: Log
  /** @default systemClock */
  readonly clock?: Clock
  /** How long an answer that got lost is asked for, milliseconds. @default 30_000 */
  readonly lostAnswerMs?: number
}

interface Signed {
  readonly digest: string
  readonly bytes: Uint8Array
  readonly signature: string
  /** When it was refused first after an answer to it had got lost; by the clock. */
  refusedMs?: number
}

type Outcome = SuiClientTypes.Transaction<typeof include>

const include = { effects: true, events: true, objectTypes: true } as const
/**
 * What was simulated and is then refused was built from coins that are spent by now: the full node lagged, or another
 * program has the same key.
 */
const buildTries = 6
const retryDelayMs = 250
/** A full node shows a transaction soon after it was carried out. */
const seenMs = 5000
/** What is refused after an answer to it got lost, and not shown for so long, was never carried out. */
const doubtMs = 60_000

/**
 * The transactions of one key, one after the other: they would spend the same coins. A transaction is simulated first
 * (what would fail costs nothing), and when its answer is lost the very same bytes are sent again until there is one:
 * Sui carries out a digest once. What stays unanswered is settled before anything else is sent.
 */
export class SignerQueue {
  readonly address: ObjectId
  readonly #client: SuiGrpcClient
  readonly #signer: TransactionSigner
  readonly #log: Log
  readonly #clock: Clock
  readonly #lostAnswerMs: number
  readonly #queue = new PQueue({ concurrency: 1 })
  #unsettled: Signed | undefined
  /** Digest of what was carried out last, while the full node does not show it. */
  #unseen: string | undefined

  constructor(options: SignerQueueOptions) {
    this.address = parseObjectId(options.signer.toSuiAddress())
    this.#client = options.client
    this.#signer = options.signer
    this.#log = options.log
    this.#clock = options.clock ?? systemClock
    this.#lostAnswerMs = options.lostAnswerMs ?? 30_000
  }

  /**
   * Builds, signs and carries out a transaction. Throws {@link ChainError}, or what `compose` throws. When the signal
   * aborts after sending, the transaction may still be carried out.
   */
  run(compose: Compose, signal: AbortSignal): Promise<Executed> {
    return this.#queue.add(() => this.#run(compose, signal), { signal })
  }

  /**
   * Resolves when no earlier transaction is without an answer, and the full node shows the last one: whoever looks at the
   * chain then sees what it did. Throws ChainError `unreachable`.
   */
  async settle(signal: AbortSignal): Promise<void> {
    if (!this.#unsettled && this.#unseen === undefined) return
    await this.#queue.add(() => this.#settleAndSee(signal), { signal })
  }

  async #settleAndSee(signal: AbortSignal): Promise<void> {
    await this.#settleOld(signal)
    if (this.#unseen !== undefined) await this.#waitUntilSeen(this.#unseen, signal)
    if (this.#unseen === undefined) return
    const text = `the full node does not show transaction ${this.#unseen} yet, which it has carried out`
    throw new ChainError('unreachable', text)
  }

  async #run(compose: Compose, signal: AbortSignal): Promise<Executed> {
    // What is composed goes by what the full node shows, and would spend the coins that it shows.
    await this.#settleAndSee(signal)
    const outcome = await this.#carryOut(compose, signal)
    if (!outcome.status.success) throw executionErrorOf(outcome.status.error)
    const { digest } = outcome
    const events = outcome.events.map(({ eventType, bcs }) => ({ type: eventType, bytes: bcs }))
    const [created, published] = [createdObjects(outcome), publishedPackage(outcome)]
    return { digest, created, published, events }
  }

  async #carryOut(compose: Compose, signal: AbortSignal): Promise<Outcome> {
    for (let tried = 1; ; tried++) {
      const signed = await this.#sign(compose, signal)
      try {
        return await this.#send(signed, signal)
      } catch (error) {
        const refused = error instanceof ChainError && error.code !== 'lost-answer'
        if (!refused || tried >= buildTries) throw error
        this.#log.debug('a simulated transaction is refused', { reason: error.message })
      }
      await this.#clock.sleep(retryDelayMs * tried * (0.5 + Math.random()), signal)
    }
  }

  async #sign(compose: Compose, signal: AbortSignal): Promise<Signed> {
    try {
      const transaction = new Transaction()
      transaction.setSender(this.address)
      await compose(transaction)
      const bytes = await abortable(transaction.build({ client: this.#client }), signal)
      const digest = TransactionDataBuilder.getDigestFromBytes(bytes)
      const { signature } = await this.#signer.signTransaction(bytes)
      return { digest, bytes, signature }
    } catch (error) {
      signal.throwIfAborted()
      const known = chainErrorOf(error)
      throw known instanceof ChainError && known.code === 'rejected'
        ? await this.#withoutGas(known, signal)
        : known
    }
  }

  /** An account without a coin is refused in words of many kinds: its balance says it plainly. */
  async #withoutGas(refusal: ChainError, signal: AbortSignal): Promise<ChainError> {
    try {
      const { balance } = await this.#client.core.getBalance({ owner: this.address, signal })
      if (BigInt(balance.balance) > 0n) return refusal
      return new ChainError('no-gas', `${this.address} has no SUI`, { cause: refusal })
    } catch {
      signal.throwIfAborted()
      return refusal
    }
  }

  async #send(signed: Signed, signal: AbortSignal): Promise<Outcome> {
    this.#unsettled = signed
    const outcome = await this.#outcome(signed, false, signal)
    await this.#waitUntilSeen(signed.digest, signal)
    return outcome
  }

  /** Sends until there is an answer. Throws `rejected` when it never will be carried out, else `lost-answer`. */
  async #outcome(signed: Signed, sentBefore: boolean, signal: AbortSignal): Promise<Outcome> {
    const deadline = this.#clock.now() + this.#lostAnswerMs
    for (let tried = 1; ; tried++) {
      const answer = await this.#execute(signed, sentBefore || tried > 1, signal)
      const isUnanswered = answer instanceof ChainError && answer.code === 'unreachable'
      if (!isUnanswered) {
        this.#unsettled = undefined
        if (answer instanceof ChainError) throw answer
        return answer
      }
      this.#log.warn('answer to a transaction lost', { digest: signed.digest, tried })
      const delay = Math.min(retryDelayMs * 2 ** tried, 4000)
      if (this.#clock.now() + delay > deadline) {
        const text = `transaction ${signed.digest} was sent and not answered: ${answer.message}`
        throw new ChainError('lost-answer', text, { cause: answer })
      }
      await this.#clock.sleep(delay, signal)
    }
  }

  async #execute(
    signed: Signed,
    sentBefore: boolean,
    signal: AbortSignal,
  ): Promise<Outcome | ChainError> {
    const { bytes, signature, digest } = signed
    try {
      const request = { transaction: bytes, signatures: [signature], include, signal }
      return outcomeOf(await this.#client.core.executeTransaction(request))
    } catch (error) {
      signal.throwIfAborted()
      if (isDefinite(error) && sentBefore) {
        // Refused now, maybe because its coins are spent, maybe by itself: by the try whose answer got lost.
        const done = await this.#find(digest, signal)
        if (done) return done
        signed.refusedMs ??= this.#clock.now()
        if (this.#clock.now() - signed.refusedMs < doubtMs) return doubtful(digest, error)
      }
      const known = chainErrorOf(error)
      if (known instanceof ChainError) return known
      throw error
    }
  }

  async #find(digest: string, signal: AbortSignal): Promise<Outcome | undefined> {
    const timeout = Math.min(seenMs, this.#lostAnswerMs)
    const over = new AbortController()
    const own = AbortSignal.any([signal, over.signal])
    const late = this.#clock.sleep(timeout, own).then(
      () => over.abort(),
      () => {},
    )
    try {
      const query = { digest, include, timeout, signal: own }
      return outcomeOf(await this.#client.core.waitForTransaction(query))
    } catch {
      signal.throwIfAborted()
      return undefined
    } finally {
      over.abort()
      await late
    }
  }

  async #settleOld(signal: AbortSignal): Promise<void> {
    const old = this.#unsettled
    if (!old) return
    try {
      await this.#outcome(old, true, signal)
      this.#unseen = old.digest
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof ChainError) || error.code !== 'lost-answer') return
      const text = 'an earlier transaction still has no answer'
      throw new ChainError('unreachable', text, { cause: error })
    }
  }

  /** The full node indexes a transaction a moment after it answers: whoever reads next shall see it. */
  async #waitUntilSeen(digest: string, signal: AbortSignal): Promise<void> {
    this.#unseen = digest
    if (await this.#find(digest, signal)) this.#unseen = undefined
    else {
      this.#log.warn('the full node does not show a transaction that it carried out', { digest })
    }
  }
}

/** A full node that is behind may refuse what was carried out, and not show it yet. */
function doubtful(digest: string, cause: unknown): ChainError {
  const text = `transaction ${digest} is refused after an answer to it got lost, and not shown`
  return new ChainError('unreachable', text, { cause })
}

function outcomeOf(result: SuiClientTypes.TransactionResult<typeof include>): Outcome {
  return result.$kind === 'Transaction' ? result.Transaction : result.FailedTransaction
}

function publishedPackage({ effects }: Outcome): ObjectId | undefined {
  const change = effects.changedObjects.find(({ outputState }) => outputState === 'PackageWrite')
  return change && parseObjectId(change.objectId)
}

function createdObjects({ effects, objectTypes }: Outcome): Executed['created'] {
  return effects.changedObjects
    .filter(({ idOperation, outputState }) => {
      return idOperation === 'Created' && outputState !== 'DoesNotExist'
    })
    .map(({ objectId }) => ({
      objectId: parseObjectId(objectId),
      type: objectTypes[objectId] ?? '',
    }))
}
