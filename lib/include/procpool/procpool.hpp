// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_PROCPOOL_HPP
#define PROCPOOL_PROCPOOL_HPP

// Includes all of procpool, except <procpool/codec/serialization.hpp>.

#include <procpool/as_completed.hpp>
#include <procpool/async_result.hpp>
#include <procpool/bind.hpp>
#include <procpool/codec.hpp>
#include <procpool/error.hpp>
#include <procpool/init.hpp>
#include <procpool/options.hpp>
#include <procpool/pool.hpp>
#include <procpool/pool_stats.hpp>
#include <procpool/progress.hpp>
#include <procpool/result_stream.hpp>
#include <procpool/shared_array.hpp>
#include <procpool/task.hpp>
#include <procpool/this_task.hpp>
#include <procpool/this_worker.hpp>
#include <procpool/unhandled.hpp>
#include <procpool/version.hpp>
#include <procpool/wait_any.hpp>
#include <procpool/worker_info.hpp>
#include <procpool/worker_output.hpp>
#include <procpool/worker_settings.hpp>

#endif
