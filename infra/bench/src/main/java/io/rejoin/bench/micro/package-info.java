/** What single steps of a message cost, by JMH: for a look at one of them, where the whole is too noisy. */
@NullMarked
package io.rejoin.bench.micro;

import org.jspecify.annotations.NullMarked;
