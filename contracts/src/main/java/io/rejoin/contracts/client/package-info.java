/** The client protocol: the frames of a WebSocket, their codec, error and close codes. */
@NullMarked
package io.rejoin.contracts.client;

import org.jspecify.annotations.NullMarked;
