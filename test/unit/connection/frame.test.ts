import { describe, expect, test } from 'vitest'
import { FrameReader, newMarks, outputLimit } from '../../../lib/connection/frame.ts'

const marks = newMarks()

function read(bytes: Buffer, size: number): FrameReader {
  const reader = new FrameReader(marks)
  for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size))
  return reader
}

describe('output between marks', () => {
  const body = 'ä\0€\nlast line without an end'
  const bytes = Buffer.from(`a banner\n${marks.begin}${body}${marks.end}007\nstray`)

  test.each([1, 2, 3, 5, 17, 64, 1000])('is found in chunks of %i bytes', (size) => {
    const reader = read(bytes, size)
    expect(reader.code).toBe(7)
    expect(reader.text()).toBe(body)
    expect(reader.before).toContain('a banner')
  })

  test('has no code before its end has come whole', () => {
    const cut = bytes.subarray(0, bytes.indexOf('007') + 2)
    expect(read(cut, 4).code).toBeUndefined()
  })

  test('of another session is output like any other', () => {
    const foreign = newMarks()
    const reader = read(Buffer.from(`${marks.begin}${foreign.end}000\n${marks.end}001\n`), 10)
    expect(reader.code).toBe(1)
    expect(reader.text()).toBe(`${foreign.end}000\n`)
  })

  test('beyond the limit is let go of', () => {
    const reader = new FrameReader(marks)
    reader.push(Buffer.from(marks.begin))
    const chunk = Buffer.alloc(16 * 1024 * 1024)
    for (let sent = 0; sent <= outputLimit; sent += chunk.length) reader.push(chunk)
    expect(reader.overflowed).toBe(true)
    expect(reader.text()).toBe('')
  })
})
