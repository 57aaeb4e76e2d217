import { expect } from 'chai';
import { addressList, canonicalCidr } from '../../../services/network/addressList.ts';

describe('address lists', () => {
  it('every block has one spelling', () => {
    const spellings: [string, string][] = [
      ['192.0.2.7', '192.0.2.7/32'],
      ['192.0.2.0/24', '192.0.2.0/24'],
      ['0.0.0.0/0', '0.0.0.0/0'],
      ['192.0.2.128/25', '192.0.2.128/25'],
      ['2001:DB8:0:0:0:0:0:0/32', '2001:db8::/32'],
      ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1/128'],
      ['::/0', '::/0'],
      ['::ffff:192.0.2.7', '192.0.2.7/32'],
      ['::FFFF:c000:0200/120', '192.0.2.0/24'],
      ['::ffff:0:0/96', '0.0.0.0/0'],
    ];
    for (const [text, cidr] of spellings) expect(canonicalCidr(text), text).to.deep.equal({ cidr });
  });

  it('what is no block, or may mean two things, is refused with the reason', () => {
    const refused: [string, RegExp][] = [
      ['', /no address or block/],
      ['customer.example', /no address or block/],
      ['192.0.2', /no address or block/],
      ['192.0.2.256', /no address or block/],
      ['010.0.0.1', /no address or block/],
      ['0x7f.0.0.1', /no address or block/],
      ['192.0.2.0/024', /no address or block/],
      ['192.0.2.0/', /no address or block/],
      ['192.0.2.0/-1', /no address or block/],
      ['192.0.2.0/255.255.255.0', /no address or block/],
      [' 192.0.2.0/24', /no address or block/],
      ['fe80::1%eth0', /no address or block/],
      ['::192.0.2.7', /no address or block/],
      ['192.0.2.0/33', /longer than the 32 bits/],
      ['2001:db8::/129', /longer than the 128 bits/],
      ['192.0.2.7/24', /write 192\.0\.2\.0\/24/],
      ['2001:db8::1/64', /write 2001:db8::\/64/],
      ['::ffff:0:0/95', /mixes IPv4/],
    ];
    for (const [text, reason] of refused) expect((canonicalCidr(text) as { refused: string }).refused, text).to.match(reason);
  });

  it('an IPv4 peer is the same in every spelling that a socket or a proxy gives it', () => {
    const list = addressList(['192.0.2.0/24', '2001:db8::/32']);
    const inside = ['192.0.2.0', '192.0.2.255', '::ffff:192.0.2.7', '::ffff:c000:207', '2001:db8::1', '2001:DB8:ffff::1'];
    const outside = ['192.0.3.0', '192.0.1.255', '::ffff:192.0.3.1', '2001:db9::1', '::192.0.2.7', '64:ff9b::192.0.2.7', '::1'];
    expect(inside.filter((ip) => !list.includes(ip))).to.deep.equal([]);
    expect(outside.filter((ip) => list.includes(ip))).to.deep.equal([]);
    expect(addressList(['fe80::/10']).includes('fe80::1%eth0')).to.equal(true);
  });

  it('cuts where the prefix ends, also in the middle of a byte', () => {
    const inside = (cidr: string, ip: string): boolean => addressList([cidr]).includes(ip);
    expect([inside('192.0.2.128/25', '192.0.2.128'), inside('192.0.2.128/25', '192.0.2.127')]).to.deep.equal([true, false]);
    expect([inside('2001:db8::/33', '2001:db8:7fff::1'), inside('2001:db8::/33', '2001:db8:8000::1')]).to.deep.equal([true, false]);
    expect([inside('0.0.0.0/0', '203.0.113.9'), inside('0.0.0.0/0', '2001:db8::1'), inside('::/0', '203.0.113.9')]).to.deep.equal([
      true,
      false,
      false,
    ]);
  });

  it('fails closed: who has no address, a forged one, or a list that cannot be read is not inside', () => {
    const list = addressList(['0.0.0.0/0', '::/0']);
    expect(
      ['', 'unknown', '192.0.2.1:443', '[2001:db8::1]', '192.0.2.1, 10.0.0.1', '0x7f000001'].filter((ip) => list.includes(ip)),
    ).to.deep.equal([]);
    expect(addressList([]).includes('192.0.2.1')).to.equal(false);
    expect(addressList(['nonsense']).includes('192.0.2.1')).to.equal(false);
  });
});
