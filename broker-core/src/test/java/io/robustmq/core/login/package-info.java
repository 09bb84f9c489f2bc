@NullMarked
package io.robustmq.core.login;

import org.jspecify.annotations.NullMarked;
