// What no Content-Security-Policy stops: a connection that is prepared, and WebRTC with servers of
// the page's choice. Both would tell a page which addresses answer in its visitor's network.
globalThis.reach = async ({ tcp, udp }) => {
  document.head.append(Object.assign(document.createElement('link'), { rel: 'preconnect', href: `http://127.0.0.1:${tcp}` }));
  try {
    const peer = new RTCPeerConnection({ iceServers: [{ urls: `stun:127.0.0.1:${udp}` }] });
    peer.createDataChannel('x');
    const gathered = new Promise((done) => {
      const look = () => peer.iceGatheringState === 'complete' && done();
      peer.addEventListener('icegatheringstatechange', look);
      setTimeout(done, 5000); // where nobody answers, browsers try for longer
    });
    await peer.setLocalDescription(await peer.createOffer());
    await gathered;
    peer.close();
  } catch (error) {
    return error.name;
  }
  return '';
};
