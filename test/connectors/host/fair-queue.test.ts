import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FairQueue } from '../../../src/connectors/host/fair-queue.ts'

/** Serves everything, one item after another. */
function serveAll(queue: FairQueue<string>): string[] {
  const served: string[] = []
  for (let [next] = queue.inTurn(); next; [next] = queue.inTurn()) {
    queue.serve(next.owner, next.item)
    served.push(next.item)
  }
  return served
}

test('owners take turns, each in the order of its own items', () => {
  const queue = new FairQueue<string>(10)
  for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'c2']) queue.push(item.charAt(0), item)
  expect(queue.inTurn().map(({ item }) => item)).toEqual(['a1', 'b1', 'c1', 'a2', 'c2', 'a3'])
  expect(serveAll(queue)).toEqual(['a1', 'b1', 'c1', 'a2', 'c2', 'a3'])
})

test('an owner that comes back after its turn waits behind the others', () => {
  const queue = new FairQueue<string>(10)
  for (const item of ['a1', 'b1', 'a2']) queue.push(item.charAt(0), item)
  queue.serve('a', 'a1')
  queue.push('a', 'a3')
  expect(serveAll(queue)).toEqual(['b1', 'a2', 'a3'])
})

test('an owner whose item was taken out keeps its turn', () => {
  const queue = new FairQueue<string>(10)
  for (const item of ['a1', 'b1', 'a2']) queue.push(item.charAt(0), item)
  queue.remove('a', 'a1')
  expect(serveAll(queue)).toEqual(['a2', 'b1'])
})

test('a full queue refuses the newest item of the owner that has the most', () => {
  const queue = new FairQueue<string>(3)
  for (const item of ['a1', 'a2', 'a3']) expect(queue.push('a', item)).toBeNull()
  expect(queue.push('b', 'b1')).toBe('a3')
  expect(queue.push('a', 'a4')).toBe('a4')
  expect(serveAll(queue)).toEqual(['a1', 'b1', 'a2'])
})

test('nobody waits longer than one turn of every other owner', () => {
  const owners = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 30 })
  fc.assert(
    fc.property(owners, pushes => {
      const queue = new FairQueue<string>(pushes.length)
      for (const [index, owner] of pushes.entries()) queue.push(owner, `${owner}${index}`)
      const served = serveAll(queue).map(item => item.charAt(0))
      expect(served.toSorted()).toEqual(pushes.toSorted())
      for (const owner of new Set(pushes)) {
        const turns = served.flatMap((other, index) => (other === owner ? [index] : []))
        const gaps = turns.map((turn, index) => turn - (turns[index - 1] ?? -1))
        expect(Math.max(...gaps)).toBeLessThanOrEqual(new Set(pushes).size)
      }
    }),
  )
})
