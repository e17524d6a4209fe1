-- Term and vote on disk: persisted before they are answered (Raft 5.2), else a node that restarts votes twice.
-- A file and not a space, so that it stands before the data does and outlives a refilled data directory.
local errno = require('errno')
local fio = require('fio')
local json = require('json')

local term_store = {}

local function check(result, what, path)
    if not result then
        error(('Cannot %s %s: %s'):format(what, path, errno.strerror()), 0)
    end
    return result
end

-- {term, vote}: as last saved, or term 0.
function term_store.load(path)
    local file = fio.open(path, {'O_RDONLY'})
    if file == nil then
        return {term = 0, vote = nil}
    end
    local text = file:read()
    file:close()
    local done, saved = pcall(json.decode, text)
    if not done or type(saved.term) ~= 'number' then
        error(('%s is damaged: move the data directory away, the node is filled again from the others'):format(path), 0)
    end
    return {term = saved.term, vote = saved.vote}
end

-- Returns when it is on disk; a crash leaves the old or the new state, never half of one.
function term_store.save(path, state)
    local temporary = path .. '.tmp'
    local file = check(fio.open(temporary, {'O_WRONLY', 'O_CREAT', 'O_TRUNC'}, tonumber('644', 8)), 'open', temporary)
    check(file:write(json.encode({term = state.term, vote = state.vote})), 'write', temporary)
    check(file:fsync(), 'sync', temporary)
    file:close()
    check(fio.rename(temporary, path), 'rename', temporary)
end

return term_store
