/** The client protocol: the frames on a WebSocket, their codec, and the error and close codes. */
@NullMarked
package io.rejoin.contracts.client;

import org.jspecify.annotations.NullMarked;
