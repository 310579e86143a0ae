/** Made by the age command (1.1.1), all of the text `token: hunter2-swordfish\n`; the key is worth nothing. */
export const identity = 'AGE-SECRET-KEY-16KHVQQCFM405CW5K4JX97U90JV55Y4GCC052VTNAJAAHCN2VDH7Q3DYW6N'
export const recipient = 'age1nt0a09pxkyd9c9m326pw56m8hcsk8x0dm9v9tj0l7cfew790w5kspay5c2'
export const passphrase = 'correct horse'
export const plain = 'token: hunter2-swordfish\n'

export const armored = `-----BEGIN AGE ENCRYPTED FILE-----
YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBDZnFVenVKUFNDdXRMK3Nw
S2JpT0NYRXRIWkhWazZvOU1idVFEelpqUWd3CjlVME9SMUd2NGVPMHB1V0dLM2to
M2k3SE5kVjBjd3orV21ncllVZUNiMjgKLS0tIEtOUFdZSHMwVWlDQUI5c1puNGYx
Ym5YNmpLQzFKRTRnSlJ3QVF4aGN0RWMKmsGZXMj7lsWAxV6F8ccKblGm9gv+JFOW
tdOwDs67VUoVRWFptHyldbwWvLkndKLKgm3CNdmNBYIV
-----END AGE ENCRYPTED FILE-----
`

export const binary = Buffer.from(
  'YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSAvN3p3RHlOV3drUVNIblpkQ2cyRjVkWHRKdXpXcjlqalRVZmFCVGNzZmc4CmFmV09TaGJ0NHAwUzhwZXZHbEw2VCtJMm1Xcy9PNVdRTjgwNkpKYVJNRTgKLS0tIHhRK1VsdkxQaXVVRnlrWHlQS3MzQ1pMU3kyTDlxTW9SdHMrQ0VLdnM5ZzgK28X0oJITHZEM0ALyB+b/ZXGj0GOa1sDNYBKoIwhGf7RpVKoiqvTFGbqqT/zx4MNzn8CUnJMnpcH3',
  'base64',
)

/** `age -p` */
export const withPassphrase = `-----BEGIN AGE ENCRYPTED FILE-----
YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCBHRTJuN29ocFFBREUxL25V
MTdvSkFRIDE4Ck8xSTFadFZUZFkrMlhGOHpIc2NTM3JnUnd0V2NpU2JFZnU1SUxC
MnJ1cm8KLS0tIEtUaHlKdVlkK2lLUG5wZ3RScFRySjJFWVdsaHBrNVRaL3RPd2gw
b3pCWWsKgbkoBbazZFBqeiUygaXWJf3hwz+OgI/8ybc6pw2qO2iR6y/Zz7e7CBHI
9GcEAvUE5ZSfZkBaSK01
-----END AGE ENCRYPTED FILE-----
`

/** the key file, itself encrypted by `age -p` */
export const lockedKeyFile = `-----BEGIN AGE ENCRYPTED FILE-----
YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCBudVdGQlI3b29rTWUxVXdw
dC8rVjdRIDE4CmU2TXVuclBSSklZeHRNQUxtY2ZIQ2twOG1taTVaT0FjTHVKcm41
cFlFOGcKLS0tIE4vOTBrUWp2SVlxN3lDbjNlTDlNd1UyamVmM2MwYzZrLzZsd3BO
d0cvaEUK6nVYrITtqSYrZUlyBcA/OqqInJoz9OzqsCEyVEmg2GnZvKXfLJjdJmjk
2F+1bskcoiRpexbUzVWG0l5GwGS7JJCXS20bw9f8IjAJzUtX7oG61yZg0PSAPrBV
YQdQRwMgaZsZauUuPhHyZTQrgbuTPCRpPdT+L6ho5T7atUaCf4LNzw+g5VwMgNw4
CwLD9a1hoXNfigD5GDw3Jm3eSjZMF6CVqS7tEmxeXsajeO/otwsgt4tg3ztT63gl
iQptCM+649AC23FI5QbarQBaKckB2WvfF79OXo+v
-----END AGE ENCRYPTED FILE-----
`

/** to an ssh-ed25519 key alone */
export const toSshKey = `-----BEGIN AGE ENCRYPTED FILE-----
YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNzaC1lZDI1NTE5IHd3Z2Q0USBtaCtw
c3dCbmlXdFd2dHpQMXpHZ2ludjVYVnpDMG9IRUEzbEpnWXo3OGk0CmFNY3VBNEpC
Wjl1NFF0eThuRDJjOGdOaEJ2c2ZuVy9DUzBtNkRmbXMrcEEKLS0tIEx3OUh5YW1U
SllwTWpnNGhCZG1nNVVTczMyOXJQQnRFMVBVb1lQbUUxZWcKJr9mzgQhMZl/+lI8
cW65rN/f28UQmJAvuWAQ9MrvsHIbyGF3wjfJnvgaqATmwr/IBk/aU+4pS6sA
-----END AGE ENCRYPTED FILE-----
`
