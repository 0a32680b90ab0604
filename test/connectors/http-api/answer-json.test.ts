import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answerJson } from '../../../src/connectors/http-api/answer-json.ts'

const read = (text: string | Buffer, type = 'application/json') => answerJson(Buffer.from(text as string), type)

describe('the body of an answer', () => {
  it.each(['{"a":1}', '[]', 'null', '"x"', '\ufeff{"a":1}', ' \r\n\t[1] '])('%j is JSON, whatever its type', text => {
    for (const type of ['application/json', 'application/hal+json', 'text/plain', 'text/html', '']) {
      expect(read(text, type)).toMatchObject({ kind: 'JSON' })
    }
  })

  it('keeps the digits of its numbers, and says which texts are numbers', () => {
    const answer = read('{"id":9007199254740993,"price":0.1,"rate":0.12345678901234567890,"text":"9007199254740993"}')
    expect(answer).toMatchObject({
      value: { id: '9007199254740993', price: 0.1, rate: '0.12345678901234567890', text: '9007199254740993' },
    })
    expect(answer.kind === 'JSON' && [...answer.kept]).toEqual(['9007199254740993', '0.12345678901234567890'])
  })

  it.each(['<!DOCTYPE html><p>', ' \n<html lang="en">', '\ufeff<HEAD>', '<body onload>'])('%j is a web page', text => {
    expect(read(text)).toEqual({ kind: 'WEB_PAGE' })
  })

  it.each([
    ['', 'it is empty'],
    ['\ufeff \n', 'it is empty'],
    ['<?xml version="1.0"?><a/>', 'it looks like XML'],
    ['{"a":', 'it ends too early'],
    ['[1,2', 'it ends too early'],
    ['{"a": x}', 'there is a mistake in it'],
    ['callback([1])', 'it begins like none'],
    ['[1] [2]', 'there is a mistake at character 5'],
    ['{"a":1}\n{"a":2}\n', 'there is a mistake at character 9'],
    [`${'['.repeat(200)}${']'.repeat(200)}`, 'it is nested in more than 100 levels'],
  ])('%.40j is none: %s', (text, fault) => {
    expect(read(text)).toEqual({ kind: 'NO_JSON', fault })
  })

  it('tells another encoding', () => {
    expect(read(Buffer.from('"é"', 'latin1'), 'application/json; charset=ISO-8859-1')).toMatchObject({
      fault: 'it is written in ISO-8859-1, not in UTF-8',
    })
    expect(read(Buffer.from('"é"', 'latin1'))).toMatchObject({
      fault: 'it is written in another encoding, not in UTF-8',
    })
    expect(read(Buffer.from('\ufeff{}', 'utf16le'))).toMatchObject({ fault: 'it is written in UTF-16, not in UTF-8' })
  })

  it('of many more values than fit into memory is not parsed', () => {
    expect(read(`[${'{},'.repeat(1_500_000)}{}]`)).toEqual({ kind: 'TOO_MANY_VALUES' })
  })

  it('is never quoted in a fault', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 5 }), text => {
        const answer = read(`{"secret-${text}": nope`)
        if (answer.kind === 'NO_JSON') expect(answer.fault).not.toContain('secret')
      }),
    )
  })
})
