/** Tests of this repository's documents: their links, and the path of a message. */
@NullMarked
package io.rejoin.e2e.documents;

import org.jspecify.annotations.NullMarked;
