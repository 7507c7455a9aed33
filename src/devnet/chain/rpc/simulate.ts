import { parseObjectId } from '../../../terms/object-id.ts'
import type { ObjectId } from '../../../terms/object-id.ts'
import type { ChainState } from '../chain-state.ts'
import { makeCoin } from '../execution/coin-commands.ts'
import { execute } from '../execution/executor.ts'
import type { Outcome } from '../execution/executor.ts'
import { gasRules, maxGasBudget, proposedBudget, referenceGasPrice } from '../execution/gas.ts'
import type { InputObject } from '../execution/input-object.ts'
import { checkGas } from '../execution/inputs.ts'
import type { TransactionInputs } from '../execution/inputs.ts'
import { checkLimits } from '../execution/limits.ts'
import type { ResultValue } from '../execution/program.ts'
import { record } from '../execution/record.ts'
import type { Transaction } from '../execution/transaction.ts'
import { clockId } from '../genesis.ts'
import { encodeValue } from '../move/value-codec.ts'
import { typeName } from '../move/types.ts'
import type { StoredObject } from '../objects/object.ts'
import { suiCoinType } from '../objects/object.ts'
import { G } from '../proto/grpc-types.ts'
import { FieldMask } from '../proto/field-mask.ts'
import { maskExecuted, protoExecuted } from '../proto/proto-executed.ts'
import { checkExpiration, checkPackages } from './admission.ts'
import { selectGas } from './gas-selection.ts'
import type { Reads } from './reads.ts'
import { resolveTransaction, withGas } from './resolve.ts'

/** Runs a transaction without effect, after completing what its sender left open. */
export function simulate(
  chain: ChainState,
  reads: Reads,
  request: G.SimulateTransactionRequest,
): G.SimulateTransactionResponse {
  const resolved = resolveTransaction(chain, reads, request.transaction)
  let { transaction } = resolved
  checkLimits(transaction)
  checkExpiration(transaction, chain)
  checkPackages(transaction, chain)
  const checks = G.SimulateTransactionRequest_TransactionChecks
  const trusting = request.checks === checks.DISABLED
  let trial = tryOut(chain, reads, transaction, request.doGasSelection ?? false, trusting)
  if (request.doGasSelection && trial.outcome.status.success) {
    transaction = chooseGas(reads, transaction, resolved, trial.outcome)
    if (resolved.lacksPayment) trial = { ...trial, transaction }
  }
  return answer(chain, request, { ...trial, transaction })
}

interface Trial {
  readonly transaction: Transaction
  readonly inputs: TransactionInputs
  readonly outcome: Outcome
}

/** While gas is not chosen a coin that does not exist pays. */
function tryOut(
  chain: ChainState,
  reads: Reads,
  transaction: Transaction,
  choosing: boolean,
  trusting: boolean,
): Trial {
  const load = (id: ObjectId) => present(chain, reads, id)
  const found = chain.inputs(transaction, load, trusting)
  const pays = found.gas.length > 0 && !choosing
  if (pays && !trusting) checkGas(transaction.data, found.gas, gasRules)
  const trial = pays ? transaction : withGas(transaction, { budget: String(maxGasBudget) })
  const inputs = pays ? found : { ...found, gas: [imaginaryCoin(chain, trial)] }
  const outcome = execute(trial, inputs, chain.surroundings(load), { privileged: false })
  return { transaction: trial, inputs, outcome }
}

/** The object as it would be if the transaction came now: the clock shows the time. */
function present(chain: ChainState, reads: Reads, id: ObjectId): StoredObject | undefined {
  const object = reads.objects.get(id)
  if (id !== clockId || object?.kind !== 'object') return object
  const contents = Buffer.from(object.contents)
  contents.writeBigUInt64LE(chain.time.now(), 32)
  return { ...object, contents }
}

const imaginaryBalance = 1n << 62n

function imaginaryCoin(chain: ChainState, { data }: Transaction): InputObject {
  const type = chain.types.resolveDatatype(suiCoinType)
  const id = parseObjectId('0x0')
  const value = makeCoin(id, imaginaryBalance)
  const object = {
    kind: 'object',
    id,
    version: 0n,
    digest: '11111111111111111111111111111111',
    owner: { kind: 'address', address: parseObjectId(data.gasData.owner) },
    previousTransaction: '11111111111111111111111111111111',
    storageRebate: 0n,
    type: suiCoinType,
    contents: encodeValue(type, value),
  } as const
  return { object, type, cell: [value], mutable: true }
}

function chooseGas(
  reads: Reads,
  transaction: Transaction,
  lacks: { readonly lacksBudget: boolean; readonly lacksPayment: boolean },
  outcome: Outcome,
): Transaction {
  const { gasData } = transaction.data
  const budget = lacks.lacksBudget
    ? proposedBudget(outcome.bill.gas, BigInt(gasData.price))
    : BigInt(gasData.budget)
  const payment = lacks.lacksPayment ? selectGas(reads, transaction, budget) : gasData.payment
  return withGas(transaction, { budget: String(budget), payment: [...payment] })
}

function answer(
  chain: ChainState,
  request: G.SimulateTransactionRequest,
  { transaction, inputs, outcome }: Trial,
): G.SimulateTransactionResponse {
  const { effects } = record(transaction, inputs, outcome, chain.time.epoch())
  const message = protoExecuted({
    transaction,
    signatures: [],
    effects,
    events: outcome.events,
    checkpoint: undefined,
    timestampMs: chain.time.now(),
  })
  const mask = FieldMask.of(request.readMask, ['*'])
  return {
    transaction: maskExecuted(message, mask.within('transaction')),
    commandOutputs: mask.has('command_outputs') ? outcome.results.map(protoResults) : [],
    suggestedGasPrice: referenceGasPrice,
  }
}

/** Values that a command gave and nobody took. */
function protoResults(results: readonly ResultValue[]): G.CommandResult {
  return {
    returnValues: results.map(({ type, cell }) => ({
      value: {
        name: typeName(type),
        value: cell.length > 0 ? encodeValue(type, cell[0]!) : new Uint8Array(),
      },
    })),
    mutatedByRef: [],
  }
}
