import { h, type ComponentChildren, type ComponentChild } from '/preact.mjs'
import type { DashboardData, DashboardMoney } from '../data.ts'
import { facts, section, whenThere } from './parts.ts'
import { span, stems } from './pictures.ts'
import type { View } from './view.ts'
import { bytes, coins, count, day, duration } from './words.ts'

type Status = DashboardData['status']

/** Ends of storage that have a bar of their own. */
const maxBars = 8

/** How long everything is stored, and what that costs. */
export function money(view: View, status: Status): ComponentChild {
  const none = 'Nothing is paid for here: whoever published it stores it.'
  return section(
    'storage',
    'Storage and cost',
    whenThere(view.money, none, (told) => [
      ends(told, status),
      costs(told, status, view.nowMs),
      payments(told),
    ]),
  )
}

function ends(told: DashboardMoney, { renewal }: Status): ComponentChild {
  const { epoch, ended } = told
  const last = Math.max(...told.ends.map(({ endEpoch }) => endEpoch), epoch + 1)
  const bars = told.ends.slice(0, maxBars)
  const left = told.ends.length - bars.length
  const next = renewal?.next?.epoch
  const marks = next === undefined ? [] : [(next - epoch) / (last - epoch)]
  return h(
    'figure',
    { class: 'ends', key: 'ends' },
    h('figcaption', null, h('strong', null, 'Stored till')),
    bars.length === 0 ? h('p', { class: 'quiet' }, 'No blob is stored yet.') : null,
    bars.map(({ endEpoch, blobs, billedBytes }) => {
      const words = `epoch ${endEpoch}, ${whenIs(endEpoch, told)}: ${count(blobs, 'blob')}, ${bytes(billedBytes)} billed`
      const isNear = renewal !== undefined && endEpoch - epoch <= renewal.marginEpochs
      const kind = isNear ? 'fillWarn' : 'fill1'
      return [
        h('p', { key: `${endEpoch} words` }, words, isNear ? ' – soon' : ''),
        span(words, (endEpoch - epoch) / (last - epoch), marks, kind),
      ]
    }),
    left > 0 ? h('p', { class: 'quiet' }, `and ${count(left, 'later end')}`) : null,
    ended > 0 ? h('p', { class: 'bad' }, `${count(ended, 'blob')} no longer stored`) : null,
    bars.length > 0 ? axis(`epoch ${epoch}, now`, `epoch ${last}, ${whenIs(last, told)}`) : null,
    renewalWords(renewal),
  )
}

function renewalWords(renewal: Status['renewal']): ComponentChildren {
  if (!renewal) return h('p', { class: 'quiet' }, 'This mount renews nothing: it only reads.')
  if (!renewal.auto)
    return h('p', null, 'Renewed only by hand: ', h('code', null, 'walrusfs renew'))
  const { next } = renewal
  const words = next
    ? `Renewed by itself, next in epoch ${next.epoch} for ${coins(next.cost, 'WAL')}`
    : 'Renewed by itself'
  return h('p', null, words)
}

/** Nobody knows when the present epoch began: a whole one is counted for it. */
function whenIs(at: number, { epoch, epochDurationMs, lookedMs }: DashboardMoney): string {
  const ms = (at - epoch) * epochDurationMs
  return ms < 2 * 86_400_000 ? `about ${duration(ms)} from now` : `about ${day(lookedMs + ms)}`
}

function axis(from: string, to: string): ComponentChild {
  return h('p', { class: 'axis' }, h('span', null, from), h('span', null, to))
}

function costs(told: DashboardMoney, { balances }: Status, nowMs: number): ComponentChild {
  const { costPerEpoch, costPerMonth, prepaid, epochDurationMs, storedBytes, billedBytes } = told
  const { blobs, foreign, balance, lookedMs } = told
  return h(
    'div',
    { key: 'costs' },
    facts([
      ['stored', `${bytes(storedBytes)} in ${count(blobs, 'blob')}, history included`],
      ['billed', bytes(billedBytes)],
      ['an epoch', `${coins(costPerEpoch, 'WAL')} for ${duration(epochDurationMs)}`],
      ['a month', `about ${coins(costPerMonth, 'WAL')}`],
      ['paid ahead', coins(prepaid, 'WAL')],
      ...(balance === undefined ? [] : [['account', accountWords(balance, balances)] as const]),
      ...(foreign > 0
        ? [['of others', `${count(foreign, 'blob')} to be extended by another account`] as const]
        : []),
      ['looked up', `${duration(nowMs - lookedMs)} ago`],
    ]),
  )
}

function accountWords(balance: string, balances: Status['balances']): string {
  const sui = balances ? `, ${coins(balances.sui, 'SUI')}` : ''
  return `${coins(balance, 'WAL')}${sui}`
}

function payments(told: DashboardMoney): ComponentChild {
  const { epoch, untilEpoch, payments: list, balance, shortFrom } = told
  const total = list.reduce((sum, { cost }) => sum + Number(cost), 0)
  const most = list.reduce((max, { cost }) => Math.max(max, Number(cost)), 0)
  const enough =
    balance === undefined
      ? ''
      : shortFrom === undefined
        ? 'the account has enough'
        : `the account has too little from epoch ${shortFrom} on`
  const words = `${coins(String(total), 'WAL')} through epoch ${untilEpoch}, if the drive stays as it is`
  return h(
    'figure',
    { key: 'payments' },
    h('figcaption', null, h('strong', null, 'Renewals to come'), ` ${words}`),
    stems(
      `Renewals to come: ${words}`,
      list.map(({ epoch: at, blobs, cost }) => ({
        key: at,
        x: (at - epoch) / (untilEpoch - epoch),
        height: most > 0 ? Number(cost) / most : 0,
        title: `epoch ${at}: ${coins(cost, 'WAL')} for ${count(blobs, 'blob')}`,
        kind: shortFrom !== undefined && at >= shortFrom ? 'short' : 'large',
      })),
    ),
    axis(`epoch ${epoch}, now`, `epoch ${untilEpoch}, ${whenIs(untilEpoch, told)}`),
    enough ? h('p', { class: shortFrom === undefined ? '' : 'bad' }, enough) : null,
    paymentTable(told),
  )
}

function paymentTable({ payments: list }: DashboardMoney): ComponentChildren {
  if (list.length === 0) return null
  const rows = list.map(({ epoch, ms, blobs, cost }) =>
    h(
      'li',
      { key: epoch },
      `epoch ${epoch}, about ${day(ms)}: ${coins(cost, 'WAL')} for ${count(blobs, 'blob')}`,
    ),
  )
  return h('details', null, h('summary', null, 'Each of them'), h('ul', null, rows))
}
