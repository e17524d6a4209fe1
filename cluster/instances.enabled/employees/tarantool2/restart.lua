-- Ways out of states that Tarantool 2.6 cannot leave: synchronous transactions of a deposed leader, or a log that has left
-- the leader's.
local fio = require('fio')
local log = require('log')
local process = require('replicaset.process')

local restart = {}

-- Runs this process's own command again. Does not return.
function restart.now(reason)
    log.warn('Starting again: %s', reason)
    local arguments = {}
    for i = 0, #arg do
        table.insert(arguments, arg[i])
    end
    process.begin_anew(arguments)
end

-- Puts the node's data aside, for it has rows that no leader has: it is filled again from the leader.
function restart.discard_data(configuration)
    local aside = fio.pathjoin(configuration.wal_dir, 'discarded')
    fio.rmtree(aside)
    fio.mkdir(aside)
    for _, directory in ipairs({configuration.wal_dir, configuration.snapshot_dir}) do
        for _, pattern in ipairs({'*.xlog', '*.snap', '*.inprogress', '*.vylog'}) do
            for _, path in ipairs(fio.glob(fio.pathjoin(directory, pattern))) do
                fio.rename(path, fio.pathjoin(aside, fio.basename(path)))
            end
        end
    end
end

return restart
