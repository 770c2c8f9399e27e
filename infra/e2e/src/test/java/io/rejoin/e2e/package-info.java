/** Black-box tests: the services run in processes of their own, and tests use only the public protocol. */
@NullMarked
package io.rejoin.e2e;

import org.jspecify.annotations.NullMarked;
