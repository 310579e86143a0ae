import type { Metadata } from 'next'
import type { ReactNode } from 'react'
import './style.css'

export const metadata: Metadata = {
  title: 'AgentLab',
  description: 'Ask the documents: similarity search over pgvector',
  // A data URL, so that no browser asks for /favicon.ico.
  icons: { icon: 'data:,' },
}

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  )
}
