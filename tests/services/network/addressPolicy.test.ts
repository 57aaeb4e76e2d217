import { expect } from 'chai';
import { addressRefusal, isLoopbackAddress, isPublicAddress } from '../../../services/network/addressPolicy.ts';
import vectors from '../../vectors/ssrf-addresses.json' with { type: 'json' };

const cases = vectors.cases.filter((entry): entry is typeof entry & { address: string } => 'address' in entry);

describe('address policy', () => {
  describe('vectors', () => {
    for (const { id, address, expect: verdict, why } of cases) {
      it(`${verdict}s ${id}${why ? ` (${why})` : ''}`, () => {
        expect(isPublicAddress(address)).to.equal(verdict === 'allow');
      });
    }
  });

  it('judges an ISATAP interface id under a global prefix by the IPv4 address in it', () => {
    expect(isPublicAddress('2a00:1450::5efe:10.0.0.1')).to.equal(false);
    expect(isPublicAddress('2a00:1450::200:5efe:a9fe:a9fe')).to.equal(false);
    expect(isPublicAddress('2a00:1450::5efe:8.8.8.8')).to.equal(true);
  });

  it('refuses an octal-looking IPv4 part inside an IPv6 address', () => {
    expect(isPublicAddress('64:ff9b::010.0.0.1')).to.equal(false);
  });

  it('names the block, so that a person knows which rule it was', () => {
    expect(addressRefusal('10.1.2.3')).to.equal('a private address (10.0.0.0/8)');
    expect(addressRefusal('::1')).to.equal('a loopback address (::1/128)');
    expect(addressRefusal('::ffff:8.8.8.8')).to.equal('an IPv4-mapped address (::ffff:0:0/96)');
    expect(addressRefusal('64:ff9b::7f00:1')).to.equal('a NAT64 address that holds a loopback address (127.0.0.0/8)');
    expect(addressRefusal('168.63.129.16')).to.match(/Azure/);
    expect(addressRefusal('8000::1')).to.match(/2000::\/3/);
    expect(addressRefusal('nonsense')).to.match(/not an IP address/);
  });

  it('knows loopback in its plain spellings only', () => {
    for (const address of ['127.0.0.1', '127.255.255.254', '::1', '0:0:0:0:0:0:0:1'])
      expect(isLoopbackAddress(address), address).to.equal(true);
    for (const address of ['128.0.0.1', '::2', '::ffff:127.0.0.1', '0.0.0.0', '::', 'localhost', '']) {
      expect(isLoopbackAddress(address), address).to.equal(false);
    }
  });
});
