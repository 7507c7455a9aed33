import { parseObjectId } from '../../../terms/object-id.ts'
import type { ObjectId } from '../../../terms/object-id.ts'
import { ExecutionFailure } from '../move/failure.ts'
import { GasMeter } from '../move/gas-meter.ts'
import type { Linker } from '../move/linker.ts'
import { Machine } from '../move/machine.ts'
import type { Natives } from '../move/machine.ts'
import type { MovePackage } from '../move/package.ts'
import type { StoredObject } from '../objects/object.ts'
import type { TypeResolver } from '../type-resolver.ts'
import { billOf, exhaustedBill } from './billing.ts'
import type { Bill } from './billing.ts'
import type { EffectsStatus } from './effects.ts'
import { affordableUnits, maxUnits, referenceGasPrice } from './gas.ts'
import { GasPurse } from './gas-purse.ts'
import type { InputObject } from './input-object.ts'
import type { TransactionInputs } from './inputs.ts'
import { ObjectRuntime } from './object-runtime.ts'
import type { EmittedEvent } from './object-runtime.ts'
import { CommandFailure, Program } from './program.ts'
import type { ResultValue } from './program.ts'
import { settle, settleFailure } from './settlement.ts'
import type { Settlement } from './settlement.ts'
import type { Transaction } from './transaction.ts'

/** The chain as a transaction finds it. */
export interface Surroundings {
  readonly linker: Linker
  readonly types: TypeResolver
  readonly natives: Natives
  readonly load: (id: ObjectId) => StoredObject | undefined
  readonly epoch: bigint
  readonly timestampMs: bigint
  readonly print: (text: string) => void
}

export interface ExecutionOptions {
  /** The chain's own transactions: no gas, private functions may be called. */
  readonly privileged: boolean
}

/** What a transaction did, before it is recorded. */
export interface Outcome {
  readonly status: EffectsStatus
  readonly bill: Bill
  readonly settlement: Settlement
  readonly events: readonly EmittedEvent[]
  readonly lamport: bigint
  readonly gasObject: ObjectId | undefined
  readonly results: readonly (readonly ResultValue[])[]
  /** Digests of transactions whose objects were loaded by the way. */
  readonly loaded: readonly string[]
}

/** Runs a transaction on its inputs. Nothing is stored. */
export function execute(
  transaction: Transaction,
  inputs: TransactionInputs,
  surroundings: Surroundings,
  options: ExecutionOptions,
): Outcome {
  const execution = new Execution(transaction, inputs, surroundings, options)
  try {
    return execution.run()
  } finally {
    surroundings.linker.unstage()
  }
}

class Execution {
  readonly #transaction: Transaction
  readonly #inputs: TransactionInputs
  readonly #surroundings: Surroundings
  readonly #privileged: boolean
  readonly #purse: GasPurse
  readonly #runtime: ObjectRuntime
  readonly #meter: GasMeter
  readonly #lamport: bigint
  readonly #packages: MovePackage[] = []

  constructor(
    transaction: Transaction,
    inputs: TransactionInputs,
    surroundings: Surroundings,
    options: ExecutionOptions,
  ) {
    const { gasData, sender } = transaction.data
    const budget = BigInt(gasData.budget)
    const price = BigInt(gasData.price)
    this.#transaction = transaction
    this.#inputs = inputs
    this.#surroundings = surroundings
    this.#privileged = options.privileged
    this.#purse = new GasPurse(inputs.gas, options.privileged ? 0n : budget)
    this.#meter = new GasMeter(options.privileged ? Infinity : affordableUnits(budget, price))
    this.#lamport = lamportAfter(inputs)
    const { load, types, epoch, timestampMs: epochTimestampMs, print } = surroundings
    const owner = parseObjectId(gasData.owner)
    this.#runtime = new ObjectRuntime(
      {
        sender: parseObjectId(sender),
        sponsor: owner === parseObjectId(sender) ? undefined : owner,
        epoch,
        epochTimestampMs,
        referenceGasPrice,
        gasPrice: price,
      },
      { digest: transaction.digestBytes, types, load, print },
    )
    for (const object of inputs.receivable) this.#runtime.receivable.set(object.id, object)
    for (const { object } of this.#purse.swallowed) this.#runtime.deleteId(object.id)
    for (const { object } of inputs.objects)
      if (object.owner.kind === 'shared') this.#runtime.sharedInputs.add(object.id)
  }

  run(): Outcome {
    const program = this.#program()
    try {
      program.run()
      return this.#succeed(program)
    } catch (error) {
      if (error instanceof CommandFailure) return this.#fail(error.failure, error.command)
      if (error instanceof ExecutionFailure) return this.#fail(error, undefined)
      throw error
    }
  }

  #program(): Program {
    const { linker, types, natives } = this.#surroundings
    const runtime = this.#runtime
    return new Program(this.#transaction.program, this.#inputs.values, this.#purse.coin, {
      runtime,
      machine: new Machine(natives, runtime, this.#meter),
      meter: this.#meter,
      linker,
      types,
      privileged: this.#privileged,
      publish: (stored) => this.#packages.push(stored),
    })
  }

  /** The bill depends on what is stored, and what is stored on the bill: the gas coin's size does not change. */
  #succeed(program: Program): Outcome {
    this.#purse.refund()
    const settlement = settle(this.#runtime, this.#allInputs(), this.#packages, this.#lamport)
    const bill = this.#bill(settlement)
    if (!this.#privileged && bill.net > this.#purse.budget)
      throw new ExecutionFailure({ kind: 'InsufficientGas' }, 'InsufficientGas: storage')
    return {
      ...this.#outcome(settlement, bill),
      status: { success: true },
      events: this.#runtime.events,
      results: program.results,
    }
  }

  /** A failed transaction pays for what it calculated and for the new versions of its inputs. */
  #fail(failure: ExecutionFailure, command: number | undefined): Outcome {
    const settlement = this.#purse.addSwallowed(settleFailure(this.#allInputs()))
    let bill = this.#bill(settlement)
    if (bill.net > this.#purse.budget) bill = exhaustedBill(settlement, this.#purse.budget)
    return {
      ...this.#outcome(settlement, bill),
      status: { success: false, failure: failure.status, message: failure.message, command },
      events: [],
      results: [],
    }
  }

  #outcome(settlement: Settlement, bill: Bill): Omit<Outcome, 'status' | 'events' | 'results'> {
    return {
      bill,
      settlement: this.#purse.charge(settlement, bill.net),
      lamport: this.#lamport,
      gasObject: this.#purse.coin?.object.id,
      loaded: [...this.#runtime.origins.values()].map((object) => object.previousTransaction),
    }
  }

  #bill(settlement: Settlement): Bill {
    if (this.#privileged) return billOf(settlement, 0, 0n)
    const price = BigInt(this.#transaction.data.gasData.price)
    return billOf(settlement, Math.min(this.#meter.used, maxUnits), price)
  }

  #allInputs(): readonly InputObject[] {
    return [...this.#inputs.gas, ...this.#inputs.objects]
  }
}

/** The version of everything that the transaction writes: one more than the newest of its inputs. */
function lamportAfter({ gas, objects, receivable }: TransactionInputs): bigint {
  const versions = [...gas, ...objects].map((input) => input.object.version)
  for (const object of receivable) versions.push(object.version)
  return versions.reduce((newest, version) => (version > newest ? version : newest), 0n) + 1n
}
